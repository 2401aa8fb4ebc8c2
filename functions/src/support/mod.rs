//! IT support: tickets that a workflow moves, people who answer and approve, and what happens
//! streamed as it happens.

mod calendar;
mod lane;
pub mod people;
pub mod policies;
pub mod stream;
pub mod tickets;
mod timers;
mod workflow;

pub use lane::{lane, policy, timers_lane, timers_worker, worker};
