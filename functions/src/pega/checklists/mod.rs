//! Checklists that events bring along: what people tick off when somebody comes or goes.

pub mod api;
mod list;
mod model;
mod tick;
mod view;

pub use list::Checklists;

pub(super) use model::{Checklist, made_of};
