//! Replays: events that are found by a query are worked through again, oldest first, at a
//! pace, by a durable job that tells how far it is.

pub mod api;
mod control;
mod found;
mod model;
mod select;
mod start;
mod view;
mod worker;

pub use model::Replay;
pub use start::Replays;

pub(super) use model::REPLAYS;
pub(super) use worker::Replaying;
