//! The rules: which events are risky, what follows from each type of event, and who does
//! it. A readable file: the one beside this module, the installation's own, or a tenant's.

pub mod api;
mod change;
mod check;
mod file;
mod kept;
mod references;
mod risk;
mod store;

pub use change::RuleEditor;
pub use store::RuleBook;

#[cfg(test)]
pub(super) use store::DEFAULT;

pub(super) use file::{Call, Effect, ListOfItems, Notice, Rules, Webhook};
pub(super) use risk::{Assessment, Explained};
pub(super) use store::Held;
