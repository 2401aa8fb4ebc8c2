//! What system this is, and whether it is well.

pub mod api;
mod health;
mod system;

pub use health::Health;
