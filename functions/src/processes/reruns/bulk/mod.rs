//! Bulk reruns: failures that a query finds are run again, oldest first, at a pace, by a
//! durable job that tells how far it is and what became of each.

pub mod api;
mod control;
mod items;
mod model;
mod select;
mod start;
mod view;
mod worker;

pub use model::BULK;
pub use worker::BulkRerunning;
