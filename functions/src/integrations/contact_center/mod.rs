//! Contact centres: what they tell of agents, groups and queues is kept, pushed or asked for,
//! and told in the words of Argus's WFM CC and in those of this system.

pub mod api;
mod centre;
pub mod client;
pub mod export;
mod given;
mod historic;
pub mod import;
mod online;
pub(super) mod pull;
pub mod push;
pub mod records;
mod service;
mod settings;
mod style;
mod validate;

pub use service::ContactCenter;
pub(super) use settings::check;
pub use style::ArgusError;
