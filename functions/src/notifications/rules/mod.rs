//! Rules: which messages become notices, for which targets, when, and in what words.

mod change;
mod preview;
mod rule;
mod view;
mod wanted;

pub(super) use preview::{Preview, Previewed};
pub use rule::Rule;
pub(super) use rule::{Words, rule_key};
pub use view::RuleView;
pub(super) use wanted::{NewRule, RuleFields, said, try_out};
