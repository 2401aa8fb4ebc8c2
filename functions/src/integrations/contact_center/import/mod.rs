//! Bulk import: records that a caller has, thousands in a request. They are written down in
//! parts before anything is imported, and worked through by a durable job; whoever sent them
//! may wait for that, or watch it.
//!
//! `plan` reads what was sent, `parts` keeps it, `start` begins an import and `keyed` knows it again, `worker` carries it
//! out, `end` ends it, `model` is its row, `view` shows it.

pub mod api;
mod end;
mod keyed;
mod model;
mod parts;
mod plan;
mod start;
mod view;
mod worker;

pub use model::{IMPORT, ImportOptions};
pub use plan::Plan;
pub use start::Imports;
pub use worker::Importing;
