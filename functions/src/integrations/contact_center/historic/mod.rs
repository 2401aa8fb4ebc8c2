//! What was: contacts of groups, and statuses, logins, contacts and chats of agents, over a
//! period. What is kept more finely than it is asked for is put together here.

pub mod api;
pub mod argus;
mod ask;
mod calls;
mod chats;
mod contacts;
mod cursor;
mod days;
mod logins;
mod statuses;
mod view;
mod walk;

pub(super) use api::Either;
pub(super) use ask::{Asked, LONGEST_DAYS, ids};
pub(super) use cursor::Cursor;
pub(super) use days::{day_of, interval_of};
pub(super) use walk::{Ground, Look, MOST, Source, Walked, walk};

use shared::error::Result;

/// The agents that a request means, in order.
pub(super) async fn agents(on: Ground<'_>) -> Result<Vec<String>> {
    if on.asked.agents.is_empty() {
        return on.records.agents(on.centre).await;
    }
    Ok(on.asked.agents.clone())
}
