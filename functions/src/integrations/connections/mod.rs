//! Connections: the other systems that this one works with, how they are reached, and
//! how well that goes.

pub mod api;
pub mod client;
mod config;
mod create;
mod credentials;
mod health;
mod list;
pub mod mappings;
mod model;
mod remove;
mod status;
mod store;
mod sync_logs;
mod test;
mod tests_made;
mod update;
mod uptime;
mod view;

pub use model::{AuthenticationType, Connection, ConnectionStatus, IntegrationType};
pub use store::Connections;
pub use sync_logs::{Direction, Records, SyncLog, SyncLogs, SyncStatus, SyncType};

/// A part of a whole in percent, with two decimals; 0 of nothing.
fn percent(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    // Wide enough for any two counts of milliseconds.
    let hundredths = i128::from(part) * 10_000 / i128::from(whole);
    i32::try_from(hundredths).map_or(0.0, f64::from) / 100.0
}
