//! What must hold when things break: killed processes, lost power, lost replies.

mod dead_worker;
mod kill;
mod lost_replies;
mod power_loss;
