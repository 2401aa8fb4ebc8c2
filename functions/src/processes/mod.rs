//! Processes as they run elsewhere: what they are made of, their runs and steps, what is run
//! again, what is counted.

pub mod definitions;
pub mod figures;
pub mod index;
pub mod paging;
pub mod runs;
pub mod search;
