//! The model: an account that somebody has with the portal. Its row carries the alarm that
//! has its cases synchronised again and again.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row};
use shared::table::Key;
use shared::tenant::Tenant;

use super::portal::Outcome;
use crate::pages::PageSet;

/// What the partitions of accounts are called: one a user.
pub const ACCOUNTS: &str = "ENJAZ-ACCOUNTS";
/// What an account is called whose user names none.
pub const DEFAULT_LABEL: &str = "default";

/// An account's row in the table `enjaz`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    pub(super) pk: String,
    /// Its label; a user's accounts have different ones.
    pub(super) sk: String,
    /// Its number in the tenant.
    pub(super) id: i64,
    /// Whose it is, as the trail names them.
    pub(super) user: String,
    /// The portal that its user signs in at, by its origin: what they sign in with is for
    /// no other one.
    pub(super) portal: String,
    /// Where the vault has what its user signs in with.
    pub(super) secret: String,
    /// Whether that is a session of theirs, and not a name and a password.
    pub(super) by_session: bool,
    /// How often its user gave something to sign in with, from 1.
    pub(super) version: i64,
    /// What came of the last visit with that; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) standing: Option<Outcome>,
    pub(super) created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) updated_at: Option<i64>,
    /// How far its synchronisations are apart, and when the next one is due.
    pub(super) interval_minutes: i64,
    pub(super) next_sync_at: i64,
    #[serde(default)]
    pub(super) paused: bool,
    /// Visits in a row that failed in a way that may pass, and until when the portal is left
    /// alone because of them.
    #[serde(default)]
    pub(super) failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rests_until: Option<i64>,
    /// The synchronisation that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) running: Option<String>,
    /// The last one that ended, and when; and when the last one ended that read everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_sync: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_sync_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_complete_at: Option<i64>,
    /// Whether the cases are those of another user of the portal than the one who is signed
    /// in with now: then all of them may be missing.
    #[serde(default)]
    pub(super) is_another: bool,
    /// The cases.
    pub(super) cases: PageSet,
    #[serde(flatten)]
    pub(super) job: Job,
}

impl Row for Account {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Account {
    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("an account outside every tenant"))
    }

    /// What the audit trail calls it.
    pub(super) fn subject(&self) -> String {
        format!("enjaz-account:{}", self.id)
    }

    /// Whether the portal refused its credentials, which are not to be tried again.
    pub(super) fn is_rejected(&self) -> bool {
        self.standing == Some(Outcome::CredentialsRejected)
    }

    /// Whether nothing is synchronised before its user does something.
    pub(super) fn waits_for_its_user(&self) -> bool {
        self.standing.is_some_and(needs_its_user)
    }

    /// When it is synchronised next by itself; none when its user comes first.
    pub(super) fn next_sync_at(&self) -> Option<i64> {
        let is_scheduled = !self.paused && !self.waits_for_its_user();
        is_scheduled.then(|| self.next_sync_at.max(self.rests_until.unwrap_or(i64::MIN)))
    }
}

/// The partition of a user's accounts.
pub(super) fn accounts_of(tenant: &Tenant, owner: &str) -> String {
    tenant.pk(ACCOUNTS, owner)
}

/// Whether nothing goes better after this before the account's user does something: another
/// sign-in by itself would be refused as well, and may lock the account or send another code.
pub(super) fn needs_its_user(outcome: Outcome) -> bool {
    use Outcome::{CaptchaRequired, CredentialsRejected, Locked, MfaRequired, SsoRequired};
    let waits = [CaptchaRequired, CredentialsRejected, Locked, MfaRequired, SsoRequired];
    waits.contains(&outcome)
}
