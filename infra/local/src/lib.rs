//! The whole bundle in one process: the same routes, workers and sweeper as on
//! AWS, over an embedded DynamoDB on disk.

mod app;
mod data;
pub mod embedded;
mod hints;

pub use app::{App, Options};
pub use data::DataFolder;
