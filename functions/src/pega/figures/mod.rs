//! How many events there are, of which types and in which state: counted in the
//! transactions that make them so, read in a time that does not grow with them.

pub mod api;
mod counts;
mod exposition;
mod hours;
mod probe;
mod view;
mod window;

pub use window::Figures;

pub(super) use counts::{moved, received};
