//! Processes and their steps, as somebody defined them, the versions there were, and the
//! templates that they are made of.

pub mod api;
mod api_steps;
mod api_templates;
mod change;
mod create;
mod fields;
mod model;
mod steps;
mod store;
mod templates;
mod view;
mod wanted;

pub use change::given;
pub use model::{Process, Step, process_key, unknown_process, unknown_step};
pub use store::Processes;
pub use view::{ProcessView, StepView};
