//! Pulling: what was at a contact centre is asked of it, on schedule or on demand, slice by
//! slice of time and so many ids at once, and kept. How far each kind is known is a watermark
//! on the connection's row, which moves in the transaction that ends its slice.
//! Source: Argus's description of the integration over the active REST API, 10.2024.

pub mod api;
mod crowd;
mod finish;
mod job;
mod kind;
mod marks;
mod plan;
mod read;
mod schedule;
mod settings;
mod start;
mod view;
mod worker;

pub use job::PULL;
pub(super) use settings::check;
pub use start::Pulls;
pub use worker::Pulling;
