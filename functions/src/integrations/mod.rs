//! Workforce integrations: connections to other systems, and webhooks that tell other
//! systems what happened.

mod answer;
pub mod connections;
pub mod contact_center;
mod lane;
mod means;
pub mod onec;
pub mod personnel;
mod secretive;
mod timetable;
pub mod webhooks;

pub use lane::{lane, worker};
pub use timetable::Timetable;
