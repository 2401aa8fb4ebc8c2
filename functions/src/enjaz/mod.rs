//! Enjaz: cases that people have with a portal that nothing but a browser was made for. They
//! connect their accounts; their cases are read on a schedule and on demand, and everybody
//! sees their own.

mod account;
pub mod api;
mod case;
mod cases;
mod connect;
mod credentials;
mod generation;
mod lane;
mod means;
pub mod portal;
mod profiles;
mod removal;
mod statistics;
mod sync;

pub use api::Enjaz;
pub use lane::{lane, worker};
