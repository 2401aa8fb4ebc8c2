//! Connections: the other systems that this one works with, how they are reached, and
//! how well that goes.

pub mod api;
mod choose;
pub mod client;
mod config;
mod configure;
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
mod sync_types;
mod test;
mod tests_made;
mod update;
mod uptime;
mod view;

pub use choose::OfConnection;
pub use config::Config;
pub use model::{AuthenticationType, Connection, ConnectionStatus, IntegrationType};
pub use status::IntegrationStatus;
pub use store::{Connections, find as find_connection};
pub use sync_logs::{Records, SyncLog, SyncLogs};
pub use sync_types::{Direction, SyncStatus, SyncType};
pub use test::{ConnectionTestResponse, TestRequest};
