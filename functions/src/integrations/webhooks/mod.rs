//! Outgoing webhooks: addresses of other systems that are told what happened, each
//! delivery a durable job.

mod delivery;
mod endpoint;
mod filter;
mod schedule;
mod stats;

pub use delivery::{first_delivery, lane, policy};
pub use endpoint::Endpoint;
pub(crate) use stats::emitted;
