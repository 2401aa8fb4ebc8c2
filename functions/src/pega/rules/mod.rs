//! The rules: which events are risky, what follows from each type of event, and who does
//! it. A readable file: the one beside this module, the installation's own, or a tenant's.

pub mod api;
mod change;
mod check;
mod file;
mod references;
mod risk;

pub use change::RuleEditor;

#[cfg(test)]
pub(super) use file::DEFAULT;

pub(super) use file::{Effect, ListOfItems, Rules};
pub(super) use risk::{Assessment, Explained};

use crate::rule_book;

/// The rules of all tenants.
pub(super) type RuleBook = rule_book::RuleBook<Rules>;
