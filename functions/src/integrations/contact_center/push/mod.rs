//! Changes of agents' statuses as they happen: the contact centre pushes them and does not
//! look at the answer, so that each is on record before it is answered.

pub mod api;
mod body;
mod intake;

pub use intake::PushIntake;
