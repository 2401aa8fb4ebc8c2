//! The Pega bridge: takes events of HR cases from Pega, works through them in
//! the background (risk, what follows from the change), and talks back to Pega.

pub mod api;
pub mod checklists;
mod client;
mod decision;
mod envelope;
mod event;
pub mod figures;
mod history;
mod intake;
mod keys;
mod log;
mod matter;
mod note;
mod outlets;
mod payload;
mod progress;
pub mod replays;
mod report;
pub mod rules;
mod ruling;
mod search;
mod settings;
mod step_call;
mod view;
mod worker;

pub use event::{Event, lane};
pub use intake::Intake;
pub use log::EventLog;
pub use worker::{Worker, deliver, worker};
