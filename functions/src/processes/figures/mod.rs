//! What is counted of runs and steps, in the transactions that change them, and what the
//! dashboard says of it.

pub mod api;
mod dashboard;
mod durations;
mod statistics;
mod tally;
mod view;

pub use dashboard::Dashboard;
pub use statistics::{RunStatistics, percent};
pub use tally::changes;
