//! The model: a synchronisation's row, which is also that of its job.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row, State};
use shared::table::Key;
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::compare::Counts;
use crate::integrations::connections::SyncLog;
use crate::pages::PageSet;

/// What the partitions of synchronisations are called.
pub const SYNC: &str = "PERSONNEL-SYNCS";

/// A synchronisation's row in the table `workforce`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonnelSync {
    pub(super) pk: String,
    /// Its id, which is that of its sync log.
    pub(super) sk: String,
    pub(super) connection_id: String,
    pub(super) log: SyncLog,
    /// What it asks for.
    pub(super) wanted: Wanted,
    /// Who asked for it, and under which correlation id.
    pub(super) by: String,
    pub(super) corr: String,
    pub(super) started_at: i64,
    pub(super) stage: Stage,
    /// What the source told.
    #[serde(default)]
    pub(super) told: Option<Told>,
    /// What was published when it began to compare.
    #[serde(default)]
    pub(super) before: PageSet,
    /// What is to be published.
    #[serde(default)]
    pub(super) next: PageSet,
    /// Up to this id people are compared; all, when it is none and `steps` are done.
    #[serde(default)]
    pub(super) position: String,
    /// Steps of comparing that are done.
    #[serde(default)]
    pub(super) steps: i64,
    #[serde(default)]
    pub(super) counts: Counts,
    /// The ticket that asks a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ticket_id: Option<String>,
    /// Until when a person may decide, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) decide_by: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<Decision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<i64>,
    /// Why nothing was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refused: Option<String>,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// What a synchronisation asks the source for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The period that balances are told for (`YYYY-MM-DD`).
    pub start_date: String,
    pub end_date: String,
    /// Whether who is missing has left.
    pub full: bool,
    /// Only these departments; all, when empty.
    #[serde(default)]
    pub departments: Vec<String>,
}

/// What the source told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    pub set: PageSet,
    /// Records that cannot be read, and the first of them.
    pub failed: i64,
    pub faults: Vec<Fault>,
    /// Whether some of them do not even tell whom they are about.
    pub nameless: bool,
    /// The ids of the others.
    pub unreadable: HashSet<String>,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Its place in what the source told, counted from 0; none of what was told twice.
    pub index: Option<usize>,
    pub agent_id: Option<String>,
    #[schema(example = "tabN is missing")]
    pub reason: String,
}

/// How far a synchronisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It asks the source.
    Fetch,
    /// It compares what was told with what is published.
    Compare,
    /// It asks a person whether so many have really left.
    Ask,
    /// A person is asked.
    Held,
    /// It clears away what nobody needs any more.
    Clear,
}

/// What a person decided of one that was held.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    pub confirmed: bool,
    pub by: String,
    pub reason: String,
    pub at: i64,
}

/// How a synchronisation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonnelSyncStatus {
    /// It is under way.
    Started,
    /// It waits for a person.
    Held,
    /// What it read is published.
    Completed,
    /// It could not go on; nothing was published.
    Failed,
    /// A person said no, or nothing in time; nothing was published.
    Rejected,
}

impl Row for PersonnelSync {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl PersonnelSync {
    /// Its id.
    pub(super) fn id(&self) -> &str {
        &self.sk
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a synchronisation outside every tenant"))
    }

    /// Whoever asked for it, in what it does for them.
    pub(super) fn caller(&self) -> Result<Caller> {
        let (actor, corr) = (self.by.clone(), self.corr.clone());
        Ok(Caller { actor, corr, ..Caller::system(&self.tenant()?) })
    }

    /// How it stands.
    pub(super) fn status(&self) -> PersonnelSyncStatus {
        match (self.job.state, self.ended_at.is_some(), self.stage) {
            (State::Failed, false, _) => PersonnelSyncStatus::Failed,
            (_, true, _) if self.refused.is_some() => PersonnelSyncStatus::Rejected,
            (_, true, _) => PersonnelSyncStatus::Completed,
            (_, false, Stage::Held) if self.decision.is_none() => PersonnelSyncStatus::Held,
            _ => PersonnelSyncStatus::Started,
        }
    }

    /// What the source told.
    pub(super) fn told(&self) -> Result<&Told> {
        self.told.as_ref().ok_or_else(|| Error::bug("nothing was told"))
    }

    /// How many people there are to look at; none before the source told.
    pub(super) fn to_look_at(&self) -> Option<i64> {
        let told = self.told.as_ref()?;
        Some(i64::try_from(told.set.total).unwrap_or(i64::MAX) + told.failed)
    }
}

/// Where a synchronisation is.
pub(super) fn sync_key(tenant: &Tenant, connection: &str, id: &str) -> Key {
    Key { pk: tenant.pk(SYNC, connection), sk: id.to_owned() }
}
