//! Personnel: who works there, as a source told it last. A synchronisation reads everything,
//! compares it with the generation that is published, and publishes a new one whole, or
//! nothing.

pub mod api;
mod changes;
mod compare;
mod decide;
mod model;
mod publish;
mod read;
mod roster;
mod schedule;
mod settings;
mod source;
mod start;
mod sync;
mod view;
mod worker;

pub(super) use settings::check;
pub use start::Personnel;
pub use sync::SYNC;
pub use worker::Syncing;
