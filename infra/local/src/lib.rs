//! The whole bundle in one process: the same routes, workers and sweeper as on
//! AWS, over an embedded DynamoDB on disk.

mod admit;
mod app;
mod bundle;
pub mod cli;
mod data;
mod demo;
pub mod embedded;
mod hints;
mod lanes;
pub mod mail;
mod say;
mod sockets;
mod tasks;
pub mod vault;
mod whole;

pub use app::{App, Options};
pub use data::DataFolder;
