//! Notices: each is one notification to one target, a row with its job. One that was
//! held back or collected is a digest, whose members are rows of their own.

mod digest;
mod log;
mod notice;
mod notifier;
mod planner;
mod view;

pub(super) use digest::{Gathered, gather};
pub(super) use log::NoticeFilter;
pub use notice::Notice;
pub(super) use notice::{KEPT_SECONDS, NoticeError, Tried, What};
pub use notifier::{Note, Notifier, Prepared};
pub(crate) use planner::Planner;
pub(super) use view::{NoticeDetail, NoticeView};
