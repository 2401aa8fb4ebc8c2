//! What must hold when things break: killed processes, lost power, lost replies.

mod kill;
mod lost_replies;
mod power_loss;
