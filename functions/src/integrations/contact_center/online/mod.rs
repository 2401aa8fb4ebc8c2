//! What is now: the statuses of agents, as they were pushed; the load of groups, as the
//! contact centre says when it is asked; numbers of queues, as they came in the last minutes.

pub mod api;
mod load;
mod queues;
mod view;
