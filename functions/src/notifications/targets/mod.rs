//! Where notices go: a channel of Slack or Teams, or people's mail.

mod change;
mod target;
mod view;
mod wanted;

pub(super) use target::{Disabled, target_key};
pub use target::{Kind, Target};
pub use view::TargetView;
pub(super) use wanted::{NewTarget, TargetFields};
