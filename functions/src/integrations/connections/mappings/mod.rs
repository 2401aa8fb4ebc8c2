//! Mappings: what becomes of the other side's records on their way in. Each change of a
//! mapping makes a version, which stays as it is; any of them can be taken back.

pub mod api;
mod change;
mod dry_run;
mod engine;
mod field_path;
mod model;
mod read;
mod samples;
mod transform;
mod validate;
mod view;

pub use engine::{Definition, Engine, Mapped};
pub use samples::Samples;
