//! The model: a pull's row, which is also that of its job.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row, State};
use shared::table::Key;
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::kind::PullKind;
use super::plan::{Period, Plan};
use crate::integrations::connections::{Records, SyncLog};

/// What the partitions of pulls are called.
pub const PULL: &str = "CC-PULLS";

/// A pull's row in the table `workforce`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pull {
    pub(super) pk: String,
    /// Its id, which is that of its sync log.
    pub(super) sk: String,
    pub(super) connection_id: String,
    pub(super) log: SyncLog,
    /// Who asked for it, and under which correlation id.
    pub(super) by: String,
    pub(super) corr: String,
    pub(super) started_at: i64,
    pub(super) period: Period,
    pub(super) kinds: Vec<PullKind>,
    /// What it asks for; none before it knows of whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<Plan>,
    #[serde(default)]
    pub(super) came: BTreeMap<PullKind, Came>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<i64>,
    pub(super) expires_at: i64,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// What came of a kind so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// Records that were told and kept, those that were known already among them.
    pub records: i64,
    /// Why it did not go on, in the contact centre's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether all its attempts were used up.
    #[serde(default)]
    pub used_up: bool,
}

/// How a pull stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PullStatus {
    /// It is under way.
    Started,
    /// All that it asked for is kept.
    Completed,
    /// That of some kinds is, and of others is not.
    Partial,
    /// It could not go on, or no kind could.
    Failed,
}

impl Row for Pull {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Pull {
    /// Its id.
    pub(super) fn id(&self) -> &str {
        &self.sk
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a pull outside every tenant"))
    }

    /// Whoever asked for it, in what it does for them.
    pub(super) fn caller(&self) -> Result<Caller> {
        let (actor, corr) = (self.by.clone(), self.corr.clone());
        Ok(Caller { actor, corr, ..Caller::system(&self.tenant()?) })
    }

    /// How it stands.
    pub(super) fn status(&self) -> PullStatus {
        match (self.job.state, self.ended_at) {
            (State::Failed, None) => PullStatus::Failed,
            (_, None) => PullStatus::Started,
            (_, Some(_)) => outcome(&self.kinds, &self.came),
        }
    }

    /// The records that it looked at. Of those that could not be read nobody knows how many
    /// they are.
    pub(super) fn records(&self) -> Records {
        let kept = self.came.values().map(|came| came.records).sum();
        Records { processed: kept, successful: kept, failed: 0 }
    }

    /// Records by kind, by the kinds' names.
    pub(super) fn by_kind(&self) -> BTreeMap<String, i64> {
        self.came.iter().map(|(kind, came)| (kind.name().to_owned(), came.records)).collect()
    }

    /// Why some kinds did not go on; none when all did.
    pub(super) fn error(&self) -> Option<String> {
        let told = |(kind, came): (&PullKind, &Came)| {
            came.error.as_ref().map(|error| format!("{}: {error}", kind.name()))
        };
        let errors: Vec<String> = self.came.iter().filter_map(told).collect();
        (!errors.is_empty()).then(|| errors.join("; "))
    }
}

/// How one stands that is over.
pub(super) fn outcome(kinds: &[PullKind], came: &BTreeMap<PullKind, Came>) -> PullStatus {
    match came.values().filter(|came| came.error.is_some()).count() {
        0 => PullStatus::Completed,
        failed if failed < kinds.len() => PullStatus::Partial,
        _ => PullStatus::Failed,
    }
}

/// Where a pull is.
pub(super) fn pull_key(tenant: &Tenant, connection: &str, id: &str) -> Key {
    Key { pk: tenant.pk(PULL, connection), sk: id.to_owned() }
}
