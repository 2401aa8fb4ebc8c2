//! Processes as they run elsewhere: what they are made of, their runs and steps, what is run
//! again, what is counted.

mod deadlines;
pub mod definitions;
pub mod figures;
pub mod index;
mod lane;
pub mod paging;
pub mod reruns;
pub mod retention;
pub mod runs;
pub mod search;

pub use lane::{LONGEST_CALL, lane, policy, worker};
