//! The model: a replay's row, which is also that of its job.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row};
use shared::table::Key;
use shared::tenant::Tenant;

use super::select::Selection;
use crate::bulk::{Chunk, Progress};

/// What the partition of replays is called.
pub const REPLAYS: &str = "REPLAYS";

/// A replay's row in the table `events`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replay {
    pub(super) pk: String,
    /// Its id.
    pub(super) sk: String,
    /// What is looked for, as JSON.
    pub(super) selection: String,
    pub(super) reason: String,
    /// Who asked for it, and under which correlation id.
    pub(super) by: String,
    pub(super) corr: String,
    /// Events a second.
    pub(super) pace: u32,
    /// Whether what was done already is done again.
    pub(super) afresh: bool,
    #[serde(flatten)]
    pub(super) progress: Progress,
    pub(super) created_at: i64,
    #[serde(flatten)]
    pub(super) job: Job,
}

impl Row for Replay {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Replay {
    /// Its id.
    pub(super) fn id(&self) -> &str {
        &self.sk
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a replay outside every tenant"))
    }

    /// What is looked for.
    pub(super) fn selection(&self) -> Result<Selection> {
        serde_json::from_str(&self.selection).map_err(Error::internal)
    }
}

/// Where a replay is.
pub(super) fn replay_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: tenant.pk(REPLAYS, ""), sk: id.to_owned() }
}

/// Where a part of what it found is.
pub(super) fn chunk_key(tenant: &Tenant, replay: &str, number: i64) -> Key {
    Key { pk: tenant.pk("REPLAYED", replay), sk: Chunk::sk(number) }
}
