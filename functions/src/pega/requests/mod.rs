//! What is asked of Pega: every request is a row before Pega is called, so that it can be
//! told later what was asked, by whom, and what came of it.

mod answer;
pub mod api;
mod ask;
mod hand_over;
mod input;
mod list;
mod model;
mod operation;
mod perform;
mod retry;
mod show;
mod store;
mod view;
mod worker;

pub use hand_over::Wish;
pub(super) use list::{Filter, RequestLog};
pub use model::PegaRequest;
pub(super) use model::REQUEST;
pub use store::PegaRequests;
pub(super) use view::PegaRequestView;
pub use worker::Performer;
pub(super) use worker::worker;
