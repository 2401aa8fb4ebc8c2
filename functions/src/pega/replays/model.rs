//! The model: a replay's row, which is also that of its job, and the rows that hold what
//! it found.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row, State};
use shared::table::Key;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::select::Selection;

/// What the partition of replays is called.
pub const REPLAYS: &str = "REPLAYS";

/// How long it is known what a replay found, in seconds: ninety days.
const KEPT: i64 = 90 * 24 * 3600;

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
    /// Below which number it goes on looking; 0 once it has found everything.
    pub(super) look_below: i64,
    /// How many rows of what it found are left to drive, and how many events of the last
    /// of them; 0 for all.
    pub(super) chunks: i64,
    pub(super) left_in_last: usize,
    /// How many rows there are of what it found, driven or not.
    pub(super) found_in: i64,
    /// Events that it found, drove anew, and passed over as they had changed meanwhile.
    pub(super) found: i64,
    pub(super) driven: i64,
    pub(super) passed_over: i64,
    /// What a person asked of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wish: Option<Wish>,
    pub(super) created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<i64>,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// What a person can ask of a replay that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wish {
    /// To wait.
    Pause,
    /// To end.
    Cancel,
}

/// How a replay stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayStatus {
    /// It finds out which events there are.
    Counting,
    /// It drives them anew.
    Running,
    /// It waits for somebody to resume it.
    Paused,
    /// All of them were driven anew.
    Completed,
    /// Somebody ended it.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// Some of the events that a replay found, newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Chunk {
    pk: String,
    sk: String,
    pub ids: Vec<i64>,
    expires_at: i64,
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

    /// How it stands.
    pub(super) fn status(&self) -> ReplayStatus {
        match (self.job.state, self.wish) {
            (State::Failed, _) => ReplayStatus::Failed,
            (State::Done, Some(Wish::Cancel)) => ReplayStatus::Cancelled,
            (State::Done, _) => ReplayStatus::Completed,
            (_, Some(Wish::Pause)) => ReplayStatus::Paused,
            _ if self.look_below > 0 => ReplayStatus::Counting,
            _ => ReplayStatus::Running,
        }
    }
}

impl Chunk {
    /// The part of this number of what a replay found at `now` (milliseconds since 1970).
    pub fn of(tenant: &Tenant, replay: &str, number: i64, ids: Vec<i64>, now: i64) -> Self {
        let Key { pk, sk } = chunk_key(tenant, replay, number);
        Self { pk, sk, ids, expires_at: now / 1000 + KEPT }
    }
}

/// Where a replay is.
pub(super) fn replay_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: tenant.pk(REPLAYS, ""), sk: id.to_owned() }
}

/// Where a part of what it found is.
pub(super) fn chunk_key(tenant: &Tenant, replay: &str, number: i64) -> Key {
    Key { pk: tenant.pk("REPLAYED", replay), sk: format!("{number:09}") }
}
