//! The model: a synchronisation's row, which is also that of its job.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row, State};
use shared::table::Key;
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::super::account::Account;
use super::super::generation::Counts;
use super::super::portal::Outcome;

/// What the partitions of synchronisations are called: one an account.
pub const SYNCS: &str = "ENJAZ-SYNCS";

/// A synchronisation's row in the table `enjaz`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SyncRun {
    pub(in crate::enjaz) pk: String,
    /// Its id; ids sort by time.
    pub(in crate::enjaz) sk: String,
    pub(in crate::enjaz) account_id: i64,
    /// Where the account is.
    pub(in crate::enjaz) account: Key,
    /// The account's credentials that it signs in with, by their version.
    pub(in crate::enjaz) version: i64,
    pub(in crate::enjaz) trigger: Trigger,
    pub(in crate::enjaz) goal: Goal,
    /// Whether any number of cases may be missing.
    #[serde(default)]
    pub(in crate::enjaz) accepts_missing: bool,
    /// Who asked for it, and under which correlation id.
    pub(in crate::enjaz) by: String,
    pub(in crate::enjaz) corr: String,
    pub(in crate::enjaz) started_at: i64,
    pub(in crate::enjaz) stage: Stage,
    /// Whether a session is kept for it, and whether it had to sign in a second time.
    #[serde(default)]
    pub(in crate::enjaz) has_session: bool,
    #[serde(default)]
    pub(in crate::enjaz) signed_in_again: bool,
    /// The rows that hold what it read in earlier steps.
    #[serde(default)]
    pub(in crate::enjaz) parts: usize,
    /// What it read so far.
    #[serde(default)]
    pub(in crate::enjaz) seen: Seen,
    /// What came of it; none before it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::enjaz) result: Option<Ending>,
    pub(in crate::enjaz) expires_at: i64,
    #[serde(flatten)]
    pub(in crate::enjaz) job: Job,
}

/// Why there is a synchronisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Somebody asked for it.
    Person,
    /// It was due.
    Schedule,
}

/// What one is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// To read all cases.
    Cases,
    /// To find out whether one can sign in.
    SignIn,
}

/// How far one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It signs in and reads.
    Read,
    /// It clears away what nobody needs any more.
    Clear,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub pages: i64,
    pub cases: i64,
    /// Rows without a number, and rows whose number was there before.
    pub unnumbered: i64,
    pub duplicates: i64,
}

/// What came of one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ending {
    /// Which of the ten outcomes; none when the account was disconnected or connected anew
    /// on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What exactly, in one line.
    pub detail: String,
    /// What the structure of a page that is not as expected is recognised by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    pub counts: Counts,
    pub at: i64,
}

/// How one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// It is under way.
    Running,
    /// It ended; its outcome says how.
    Ended,
}

impl Row for SyncRun {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl SyncRun {
    /// Its id.
    pub(in crate::enjaz) fn id(&self) -> &str {
        &self.sk
    }

    /// Whose it is.
    pub(in crate::enjaz) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a synchronisation outside every tenant"))
    }

    /// Whoever asked for it, in what it does for them.
    pub(in crate::enjaz) fn caller(&self) -> Result<Caller> {
        let (actor, corr) = (self.by.clone(), self.corr.clone());
        Ok(Caller { actor, corr, ..Caller::system(&self.tenant()?) })
    }

    /// How it stands.
    pub(in crate::enjaz) fn status(&self) -> SyncState {
        match self.result.is_some() || self.job.state == State::Failed {
            true => SyncState::Ended,
            false => SyncState::Running,
        }
    }

    /// Whether it is this account's as it was when this began.
    pub(super) fn is_of(&self, account: &Account) -> bool {
        account.running.as_deref() == Some(self.id()) && account.version == self.version
    }
}

/// The partition of an account's synchronisations.
pub(in crate::enjaz) fn syncs_of(tenant: &Tenant, account_id: i64) -> String {
    tenant.pk(SYNCS, account_id)
}
