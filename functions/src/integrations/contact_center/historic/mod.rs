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

pub use ask::{Asked, Wants};
use shared::env::Env;
use shared::error::Result;

use super::centre::Centres;
use super::records::Records;

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct History {
    pub(super) centres: Centres,
    pub(super) records: Records,
    pub(super) clock: shared::clock::Clock,
}

impl History {
    /// Needs the table `workforce`, and what connections need.
    pub fn load(env: &Env) -> Result<Self> {
        let (centres, records) = (Centres::load(env)?, Records::load(env)?);
        Ok(Self { centres, records, clock: env.clock() })
    }
}

/// The agents that a request means, in order.
async fn agents(on: walk::Ground<'_>) -> Result<Vec<String>> {
    if on.asked.agents.is_empty() {
        return on.records.agents(on.centre).await;
    }
    Ok(on.asked.agents.clone())
}
