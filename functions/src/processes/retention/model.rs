//! The model: the row of a process's retention, which is also that of its job, and when it
//! looks next. Pure.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Policy, Row};
use shared::table::Key;
use shared::tenant::Tenant;

/// What the partitions of retentions are called.
pub const RETENTION: &str = "RETENTION";
/// A month of retention, in milliseconds: thirty days, as the service before this one had it.
const MONTH_MS: i64 = 30 * DAY_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const HOUR_MS: i64 = 3600 * 1000;
/// When it looks: at this hour (UTC).
const AT_HOUR: i64 = 2;

/// A retention's row in the table `runs`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Retention {
    pk: String,
    sk: String,
    pub(super) process_id: i64,
    /// Every run of the process up to this number is neutral.
    pub(super) up_to: i64,
    /// Every number up to this one is a run's by now, or never will be.
    #[serde(default)]
    pub(super) settled: i64,
    /// How many runs it neutralised.
    pub(super) neutralised: i64,
    #[serde(flatten)]
    pub(super) job: Job,
}

impl Row for Retention {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Retention {
    /// The retention of a process, which goes on where `seen` was, and looks at once.
    pub fn of(
        tenant: &Tenant,
        process_id: i64,
        seen: Option<&Self>,
        policy: &Policy,
        now: i64,
    ) -> Self {
        let Key { pk, sk } = retention_key(tenant, process_id);
        let (up_to, settled) = seen.map_or((0, 0), |seen| (seen.up_to, seen.settled));
        let neutralised = seen.map_or(0, |seen| seen.neutralised);
        let job = Job::fresh(now, process_id, policy).not_before(now);
        Self { pk, sk, process_id, up_to, settled, neutralised, job }
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a retention outside every tenant"))
    }
}

/// Runs that were made at this moment or before are due, after so many months.
pub(super) fn due_before(now: i64, months: u32) -> i64 {
    now - i64::from(months) * MONTH_MS
}

/// When it looks again that looked at `now`: the next night.
pub(super) fn next_night(now: i64) -> i64 {
    let at = now - now.rem_euclid(DAY_MS) + AT_HOUR * HOUR_MS;
    if at > now { at } else { at + DAY_MS }
}

/// Where a process's retention is.
pub fn retention_key(tenant: &Tenant, process: i64) -> Key {
    Key::alone(tenant.pk(RETENTION, process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_every_night() {
        for (now, next) in [
            (0, 2 * HOUR_MS),
            (2 * HOUR_MS - 1, 2 * HOUR_MS),
            (2 * HOUR_MS, 26 * HOUR_MS),
            (25 * HOUR_MS, 26 * HOUR_MS),
        ] {
            assert_eq!(next_night(now), next);
        }
        assert_eq!(due_before(100 * DAY_MS, 3), 10 * DAY_MS);
    }
}
