//! The Pega bridge: takes events of HR cases from Pega, works through them in
//! the background (risk, what follows from the change), and talks back to Pega.

pub mod api;
mod client;
mod decision;
mod envelope;
mod event;
pub mod figures;
mod intake;
mod keys;
mod log;
mod note;
mod payload;
mod report;
mod search;
mod settings;
mod view;
mod worker;

pub use event::{Event, lane};
pub use intake::Intake;
pub use log::EventLog;
pub use worker::{Worker, deliver, worker};
