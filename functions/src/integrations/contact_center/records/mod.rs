//! What contact centres told: the store of its records, in the table `workforce`.
//!
//! A record has a natural key, so that the same one twice is one. Its first row is found by
//! whom it is of, the month, and its start; an *echo* of it stands at a later moment at which
//! it must be found as well (its end, or the days that it goes on). An echo counts only while
//! its first row says the same.

mod current;
mod directory;
mod keys;
mod kinds;
mod model;
mod presence;
mod read;
mod row;
mod store;

pub use current::Current;
pub use directory::Group;
pub use keys::{Centre, DAY};
pub use kinds::{Kept, Mark, StatusMark};
pub use model::{
    AgentCall, AgentChat, AgentLogin, AgentStatus, ChatDay, GroupMetrics, LONGEST_ID, QueueMetrics,
    Record,
};
pub use presence::Presence;
pub use read::{Found, Stretch};
pub use row::{DataKind, Origin, Row};
pub use store::{Entry, Records, natural_key};
