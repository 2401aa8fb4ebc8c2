//! A ticket's events as they happen, as server-sent events: what was missed first, from where
//! the viewer was, and then what follows. Everything is read from the tickets' table, so that
//! it does not matter who wrote it, or how often a viewer's connection breaks.

pub mod api;
mod frames;
mod seats;
mod viewing;

pub use viewing::Streams;
