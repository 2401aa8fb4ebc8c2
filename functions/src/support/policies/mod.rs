//! The policies: what is done with which requests, who approves, how long people have. A
//! readable file: the one beside this module, the installation's own, or a tenant's.

pub mod api;
mod change;
mod check;
mod file;

pub use change::PolicyEditor;

pub(super) use file::{Approval, Due, Effect, Model, PegaCase, PegaNote, Policies, Policy};
