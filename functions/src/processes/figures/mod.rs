//! What is counted of runs and steps, in the transactions that change them, and what the
//! dashboard says of it.

mod durations;
mod statistics;
mod tally;

pub use statistics::{Statistics, percent};
pub use tally::changes;
