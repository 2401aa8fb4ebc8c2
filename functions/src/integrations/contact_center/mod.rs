//! Contact centres: what they tell of agents, groups and queues is kept, pushed or asked for,
//! and told in the words of Argus's WFM CC and in those of this system.

mod centre;
pub mod historic;
pub mod push;
pub mod records;
mod style;
