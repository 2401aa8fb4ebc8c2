//! Checklists that events bring along: what people tick off when somebody comes or goes.

pub mod api;
mod list;
mod model;
mod tick;
mod view;

pub use list::Checklists;

pub(super) use model::{Checklist, checklist_key, is_of, made_of};
pub(super) use view::ChecklistView;
