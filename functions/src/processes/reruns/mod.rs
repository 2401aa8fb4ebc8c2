//! Steps that are run again: another step run takes the place of one that failed, and
//! whoever the step names is told to do it, by a durable job.

mod adapters;
pub mod api;
mod api_unresolved;
mod apply;
mod bulk;
mod condition;
mod config;
mod lineage;
mod model;
mod start;
mod unresolved;
mod view;
mod worker;

pub use config::{RerunConfig, may_name};
pub use start::Reruns;

pub(super) use bulk::{BULK, BulkRerunning};
pub(super) use model::RERUN;
pub(super) use worker::Rerunning;
