//! What was worked, sent to 1C once. 1C makes a document of each call and cannot tell a repeat:
//! a fact is written down before it is sent, and one whose answer was lost is not sent again
//! before a person has looked.

pub mod api;
mod model;
mod read;
mod resolve;
mod send;
mod store;

pub(super) use model::FactState;
pub(super) use store::facts_of;
