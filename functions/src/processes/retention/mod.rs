//! Retention: what may be about people is taken out of runs once their process says so, by a
//! durable job that looks every night.

pub mod api;
mod cleanup;
mod model;
mod view;
mod worker;

pub use cleanup::Cleanup;
pub use model::{RETENTION, Retention, retention_key};
pub use worker::Retaining;
