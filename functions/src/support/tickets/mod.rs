//! Tickets: what is asked of IT support, and what became of it.

pub mod api;
mod change;
mod event;
mod fields;
mod list;
mod log;
mod model;
mod request;
mod status;
mod store;
mod view;

pub use request::Tickets;

pub(super) use event::{TicketEvent, Told};
pub(super) use log::TicketLog;
pub(super) use model::{Priority, Request, Ticket, unknown_ticket};
pub use request::NewRequest;
pub(super) use request::name;
pub(super) use status::{Decision, Signal, TicketStatus};
pub(super) use store::{Change, TicketStore};
pub(super) use view::{PlanView, TicketState};
