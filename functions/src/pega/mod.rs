//! The Pega bridge: takes events of HR cases from Pega, works through them in
//! the background (risk, what follows from the change), and talks back to Pega.

pub mod api;
pub mod checklists;
mod client;
pub mod compliance;
mod decision;
mod envelope;
mod event;
pub mod figures;
mod history;
mod intake;
mod keys;
mod lane;
mod log;
mod matter;
mod note;
mod payload;
mod progress;
pub mod replays;
mod report;
pub mod requests;
pub mod rules;
mod ruling;
mod search;
mod steps;
mod view;
mod worker;

pub use client::{Environments, Manner, Probed};
pub use event::Event;
pub use intake::Intake;
pub use lane::{LaneRow, Worker, deliver, lane, worker};
pub use log::EventLog;
pub use requests::{PegaRequests, Wish};
