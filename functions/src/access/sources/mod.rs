//! Sources: the systems that send events, each with credentials of its own, which
//! open the routes of senders and nothing else.

pub mod api;
mod change;
mod environment;
mod model;
mod register;
mod rotate;
mod store;
mod view;

pub use environment::NamedSource;
pub(super) use model::Secrets;
pub use store::Sources;
