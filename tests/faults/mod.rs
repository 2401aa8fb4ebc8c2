//! What must hold when things break: killed processes, lost power, lost replies, and
//! files that are not what was written.

mod dead_worker;
mod kill;
mod killed_imports;
mod killed_workflows;
mod lost_counts;
mod lost_deliveries;
mod lost_replies;
mod power_loss;
mod vault;
