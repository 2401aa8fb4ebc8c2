//! The audit trail as its readers see it: searched, counted, exported, and sealed,
//! so that an entry that was changed or removed afterwards shows.

pub mod api;
pub mod chain;
pub mod csv;
pub mod export;
mod seal;
mod search;
mod stats;
pub mod verify;
mod view;

pub use seal::Sealer;
pub use search::AuditLog;
