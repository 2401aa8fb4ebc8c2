//! What is told to others: every domain emits what changed, in the transaction of the
//! change, and webhooks and people who watch are told of it.
//!
//! To emit, a use case asks [`Emitter::prepare`] for an [`Emission`], puts its writes
//! into the transaction of the change, and hands it to [`Emitter::announce`] when that
//! is written. A tenant whom nobody listens to pays one read for it.

mod audience;
pub mod catalogue;
mod emitter;
pub mod filter;
mod log;
mod message;
mod severity;
pub mod wants;

pub use audience::{Subscriber, TOO_MANY, audience, one_less, one_more, partition, watch};
pub use emitter::{Emission, Emitter, LARGEST};
pub use log::Log;
pub use message::{Message, message_key};
pub use severity::Severity;
