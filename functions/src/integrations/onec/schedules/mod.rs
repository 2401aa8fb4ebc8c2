//! Schedules that are sent to 1C, and what is planned by them.

mod plan;
mod read;
mod send;

pub(super) use plan::{Plan, plans};
pub(super) use read::employee;
pub use send::{ScheduleAnswer, ScheduleBody};
