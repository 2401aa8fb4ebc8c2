//! The status that each agent is in: one row an agent, which only a later change changes.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Cond, Key, Query, Update};

use super::keys::Centre;
use super::kinds::{Mark, StatusMark};
use super::store::Records;

/// Partitions that a centre's agents are spread over, because one takes 1,000 writes a second.
const SHARDS: u32 = 4;

/// The status that an agent is in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Current {
    /// The agent.
    pub agent: String,
    /// The moment of the last change, and whether it entered or left: see [`order`].
    pub seen: i64,
    /// The status's code; none between leaving one and entering the next.
    #[serde(default)]
    pub state_code: Option<String>,
    /// Its name.
    #[serde(default)]
    pub state_name: Option<String>,
    /// Since when, milliseconds since 1970.
    pub start: i64,
    /// When this was written, milliseconds since 1970.
    pub updated_at: i64,
    expires_at: i64,
}

/// What changes of an agent are ordered by: the moment, and at the same moment what is left
/// before what is entered.
fn order(mark: &StatusMark) -> i64 {
    mark.status.start * 2 + i64::from(mark.mark == Mark::Entered)
}

impl Current {
    /// Whether it was written at the moment of this change.
    pub fn is_of_the_moment_of(&self, mark: &StatusMark) -> bool {
        self.seen.div_euclid(2) == mark.status.start
    }
}

impl Records {
    /// The statuses of all agents who are in one, in order of the agents.
    pub async fn in_a_status(&self, centre: Centre<'_>) -> Result<Vec<Current>> {
        let mut found = self.told_of(centre).await?;
        found.retain(|one| one.state_code.is_some());
        found.sort_unstable_by(|a, b| a.agent.cmp(&b.agent));
        Ok(found)
    }

    /// What was last told of each agent, in a status or not.
    pub(super) async fn told_of(&self, centre: Centre<'_>) -> Result<Vec<Current>> {
        let shards = (0..SHARDS).map(|shard| {
            let query = Query::partition(&centre.other("NOW", &shard.to_string()));
            self.table.query_all::<Current>(query)
        });
        let found = futures_util::future::try_join_all(shards).await?;
        let now = self.clock.now_ms() / 1000;
        Ok(found.into_iter().flatten().filter(|one| one.expires_at > now).collect())
    }

    /// The change of an agent's status that this mark makes, if it is later than the last.
    pub(in crate::integrations::contact_center) fn moves(
        &self,
        centre: Centre<'_>,
        mark: &StatusMark,
    ) -> Update {
        let seen = order(mark);
        let later = Cond::Any(vec![Cond::Absent("seen"), Cond::Lt("seen", seen.into())]);
        self.becomes(centre, mark).when(later)
    }

    /// The same over a change of the same moment.
    pub(in crate::integrations::contact_center) fn settles(
        &self,
        centre: Centre<'_>,
        mark: &StatusMark,
        over: i64,
    ) -> Update {
        self.becomes(centre, mark).when(Cond::Eq("seen", over.into()))
    }

    fn becomes(&self, centre: Centre<'_>, mark: &StatusMark) -> Update {
        let status = &mark.status;
        let of = |text: &String| (mark.mark == Mark::Entered).then(|| text.as_str().into());
        Update::of(now_key(centre, &status.agent))
            .set("agent", status.agent.as_str())
            .set("seen", order(mark))
            .assign("state_code", of(&status.state_code))
            .assign("state_name", of(&status.state_name))
            .set("start", status.start)
            .set("updated_at", self.clock.now_ms())
            .set("expires_at", self.expires_at())
    }
}

fn now_key(centre: Centre<'_>, agent: &str) -> Key {
    let shard = crc32fast::hash(agent.as_bytes()) % SHARDS;
    Key { pk: centre.other("NOW", &shard.to_string()), sk: agent.to_owned() }
}
