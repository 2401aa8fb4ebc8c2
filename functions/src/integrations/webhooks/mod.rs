//! Outgoing webhooks: addresses of other systems that are told what happened, each
//! delivery a durable job.

pub mod api;
mod api_deliveries;
mod attempts;
mod body;
mod client;
mod delivery;
mod endpoint;
mod health;
mod lane;
mod log;
mod recovery;
mod register;
mod report;
mod schedule;
mod secrets;
mod stats;
mod store;
mod view;
mod wanted;
mod worker;

pub use delivery::first_delivery;
pub use endpoint::{Endpoint, endpoint_key};
pub use lane::{Worker, deliver, lane, policy, worker};
pub(crate) use stats::emitted;
pub use store::Webhooks;
