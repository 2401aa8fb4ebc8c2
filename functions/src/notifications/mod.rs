//! Notifications: people are told of messages in a channel of Slack or Microsoft Teams,
//! or by mail. Rules say of what; each notice is a durable job.
//!
//! A message's notices are written with it, in the transaction of the change that it
//! tells of. To tell a target of something else, a use case asks [`Notifier::prepare`]
//! for what to write and to announce.

pub mod api;
mod api_notices;
mod api_rules;
mod client;
mod content;
mod health;
mod lane;
mod limits;
mod notices;
mod rules;
mod schedule;
mod stats;
mod store;
mod targets;
mod template;
mod turns;
mod words;
mod worker;

pub use lane::{Worker, deliver, lane, worker, worker_over_ses};
pub(crate) use notices::Planner;
pub use notices::{Note, Notice, Notifier, Prepared};
pub use rules::Rule;
pub use store::Notifications;
pub use targets::Target;
