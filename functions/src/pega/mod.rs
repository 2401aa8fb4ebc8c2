//! The Pega bridge: takes events of HR cases from Pega, works through them in
//! the background (risk, what follows from the change), and talks back to Pega.

pub mod api;
mod client;
mod decision;
mod envelope;
mod event;
mod intake;
mod keys;
mod lane;
mod log;
mod note;
mod payload;
mod report;
pub mod requests;
mod search;
mod view;
mod worker;

pub use client::{Environments, Manner, Probed};
pub use event::Event;
pub use intake::Intake;
pub use lane::{Worker, deliver, lane, worker};
pub use log::EventLog;
