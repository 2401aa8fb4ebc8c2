//! Whether it is well.

pub mod api;
mod health;

pub use health::Health;
