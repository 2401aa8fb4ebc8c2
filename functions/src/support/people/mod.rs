//! People: what they are asked, who answers for whom, and what their answers make of a ticket.

mod answer;
pub mod api;
mod caller;
mod delegation;
mod delegations;
mod interrupt;

pub use answer::Answers;

pub(super) use caller::{may_speak_for, person, sees};
pub(super) use interrupt::{About, ApprovalRule, Decided, Interrupt, QuestionType, Vote};
