//! Who there are records of: agents and groups, so that all of them can be asked for.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Item, Query};

use super::keys::{Centre, joined};
use super::kinds::service_and_group;
use super::model::Record;
use super::store::Records;

/// A group of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The service.
    pub service: String,
    /// The group.
    pub group: String,
}

impl Group {
    /// What its records are found by.
    pub fn key(&self) -> String {
        joined(&[&self.service, &self.group])
    }
}

#[derive(Serialize, Deserialize)]
struct Known {
    pk: String,
    sk: String,
    expires_at: i64,
}

impl Records {
    /// Agents that records were kept of, or of whom statuses were pushed, in order.
    pub async fn agents(&self, centre: Centre<'_>) -> Result<Vec<String>> {
        let mut agents = self.known(centre.other("WHO", "agents")).await?;
        agents.extend(self.told_of(centre).await?.into_iter().map(|current| current.agent));
        agents.sort_unstable();
        agents.dedup();
        Ok(agents)
    }

    /// Groups that records were kept of, in order.
    pub async fn groups(&self, centre: Centre<'_>) -> Result<Vec<Group>> {
        let known = self.known(centre.other("WHO", "groups")).await?;
        let groups = known.iter().map(|who| {
            let (service, group) = service_and_group(who);
            Group { service, group }
        });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_unstable();
        Ok(groups)
    }

    async fn known(&self, pk: String) -> Result<Vec<String>> {
        let found: Vec<Known> = self.table.query_all(Query::partition(&pk)).await?;
        let now = self.clock.now_ms() / 1000;
        Ok(found.into_iter().filter(|one| one.expires_at > now).map(|one| one.sk).collect())
    }

    /// The row that says that there are records of this one's.
    pub(super) fn introduces(
        &self,
        centre: Centre<'_>,
        record: &Record,
        who: String,
    ) -> Result<Option<Item>> {
        let list = match record {
            Record::QueueMetrics(_) => return Ok(None),
            Record::GroupMetrics(_) => "groups",
            _ => "agents",
        };
        let known = Known { pk: centre.other("WHO", list), sk: who, expires_at: self.expires_at() };
        Item::of(&known).map(Some)
    }
}
