//! A job's shape, and the pure decision of where it stands.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::millis;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::table::{Key, Update};
use crate::tenant::Tenant;

/// How many partitions the `due` index of a table has.
pub(super) const DUE_SHARDS: i64 = 16;

/// What a row carries while there is work to do on it, and after. Times are
/// milliseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Where it is in its life.
    pub state: State,
    /// How often it was claimed since it was accepted or driven anew; the fencing token.
    pub attempt: u32,
    /// Not to be claimed before this.
    pub due_at: i64,
    /// Its place in the lists it stands in; larger is newer.
    pub rank: i64,
    /// Who claimed it last; unique to the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Until when that claim holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<i64>,
    /// Partition of the `due` index; there until the job is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_shard: Option<String>,
    /// When the sweeper is to look at it; there until the job is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<i64>,
    /// Partition of the `parked` index; there when it ended in a list that people look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<String>,
    /// How often a person drove it anew.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generation: u32,
    /// How often all of its effects were to happen anew, under keys of their own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub run: u32,
    /// The generation in which an attempt ended without telling what it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<u32>,
    /// What the last attempt failed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LastError>,
}

/// The stations of a job's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// Waiting to be claimed.
    Ready,
    /// Claimed.
    Leased,
    /// Settled well.
    Done,
    /// Settled badly; can be driven anew.
    Failed,
}

/// Why an attempt failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LastError {
    /// The reason in one line.
    pub reason: String,
    /// When it failed.
    pub at: i64,
}

/// A row that carries a job.
pub trait Row: DeserializeOwned + Send + Sync {
    /// The row's key.
    fn key(&self) -> Key;
    /// The job on it.
    fn job(&self) -> &Job;

    /// What is counted of it, in rows of the same table, when its job goes from one
    /// station to another at `now` (milliseconds since 1970): written with that.
    fn moved(&self, from: Station<'_>, to: Station<'_>, now: i64) -> Vec<Update> {
        let _ = (from, to, now);
        Vec::new()
    }
}

/// A station of a job's life, and the list of people's concern that it stands in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Station<'a> {
    /// Where it is in its life.
    pub state: State,
    /// The list, if any.
    pub list: Option<&'a str>,
}

impl Station<'static> {
    /// Waiting.
    pub const READY: Self = Self { state: State::Ready, list: None };
    /// Claimed.
    pub const LEASED: Self = Self { state: State::Leased, list: None };
    /// Settled badly.
    pub const FAILED: Self = Self { state: State::Failed, list: Some("failed") };
}

impl<'a> Station<'a> {
    /// Where this job is.
    pub fn of(job: &'a Job) -> Self {
        Self { state: job.state, list: job.list() }
    }
}

/// How patient a kind of work is.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The longest that one attempt may take.
    pub attempt_timeout: Duration,
    /// How long a claim holds: longer than an attempt and any clock's error.
    pub lease: Duration,
    /// Attempts before a job fails for good.
    pub max_attempts: u32,
    /// The most that the first wait can be.
    pub backoff_base: Duration,
    /// The most that any wait can be.
    pub backoff_cap: Duration,
    /// How long the other side may still be at work on a call that was given up:
    /// an attempt in doubt is not followed by another one before.
    pub settle: Duration,
    /// What the partitions of the `due` index are called that its jobs stand in: lanes
    /// over one table have different ones.
    pub lane: &'static str,
}

/// Where a job stands at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be claimed.
    Due,
    /// Its worker is gone; it can be claimed, and what that worker did is in doubt.
    Abandoned,
    /// It can be claimed at that moment.
    Later(i64),
    /// Somebody works on it.
    Held,
    /// Its attempts are used up.
    Exhausted,
    /// There is nothing left to do.
    Settled,
}

impl Job {
    /// A job that can be claimed at once. The hint sent beside it gets `grace`
    /// before the sweeper looks.
    pub fn fresh(now: i64, rank: i64, policy: &Policy) -> Self {
        Self {
            state: State::Ready,
            attempt: 0,
            due_at: now,
            rank,
            owner: None,
            lease_until: None,
            due_shard: Some(policy.due_shard(rank)),
            wake_at: Some(now + millis(policy.grace())),
            parked: None,
            generation: 0,
            run: 0,
            doubt: None,
            error: None,
        }
    }

    /// Where it stands.
    pub fn standing(&self, now: i64, max_attempts: u32) -> Standing {
        let abandoned = match self.state {
            State::Done | State::Failed => return Standing::Settled,
            State::Ready if self.due_at > now => return Standing::Later(self.due_at),
            State::Leased if self.lease_until.is_none_or(|until| until >= now) => {
                return Standing::Held;
            }
            State::Ready => false,
            State::Leased => true,
        };
        match (self.attempt >= max_attempts, abandoned) {
            (true, _) => Standing::Exhausted,
            (false, true) => Standing::Abandoned,
            (false, false) => Standing::Due,
        }
    }

    /// The list that it stands in, if any.
    pub fn list(&self) -> Option<&str> {
        self.parked.as_deref()?.rsplit('#').next()
    }

    /// The same job, which nobody is to work on before that moment (milliseconds since
    /// 1970): not the sweeper, and not by a hint.
    #[must_use]
    pub fn not_before(self, at: i64) -> Self {
        Self { due_at: at, wake_at: Some(at), ..self }
    }

    /// Whether it still has work to do.
    pub fn open(&self) -> bool {
        matches!(self.state, State::Ready | State::Leased)
    }
}

/// The partition of the `parked` index that holds one of a tenant's lists.
pub fn parked(tenant: &Tenant, list: &str) -> String {
    tenant.pk("P", list)
}

impl Policy {
    /// The policy that the variables `JOB_*` ask for.
    pub fn of(env: &Env) -> Result<Self> {
        let default = Self::default();
        let seconds = |name, default: Duration| -> Result<Duration> {
            let seconds = env.parsed(name, default.as_secs_f64())?;
            Duration::try_from_secs_f64(seconds).map_err(|e| Error::bug(format!("{name}: {e}")))
        };
        let attempt_timeout = seconds("JOB_ATTEMPT_SECONDS", default.attempt_timeout)?;
        Ok(Self {
            attempt_timeout,
            lease: attempt_timeout + (default.lease - default.attempt_timeout),
            max_attempts: env.parsed("JOB_MAX_ATTEMPTS", default.max_attempts)?,
            backoff_base: seconds("JOB_BACKOFF_SECONDS", default.backoff_base)?,
            backoff_cap: seconds("JOB_BACKOFF_CAP_SECONDS", default.backoff_cap)?,
            settle: seconds("JOB_SETTLE_SECONDS", default.settle)?,
            lane: default.lane,
        })
    }

    /// The partition of the `due` index that a job of this rank stands in.
    pub(super) fn due_shard(&self, rank: i64) -> String {
        format!("{}#{}", self.lane, rank.rem_euclid(DUE_SHARDS))
    }

    /// How long a fresh job is left to its hint: long enough that claiming it in
    /// time does not move it in the `due` index, which saves two write units.
    fn grace(&self) -> Duration {
        self.lease + Duration::from_secs(15)
    }
}

impl Default for Policy {
    /// 45 s an attempt, a lease of 75 s, 60 s for a call in doubt to settle, and 60 attempts with waits of up to an
    /// hour: about a day of an unreachable other side.
    fn default() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(45),
            lease: Duration::from_secs(75),
            max_attempts: 60,
            backoff_base: Duration::from_secs(2),
            backoff_cap: Duration::from_secs(3600),
            settle: Duration::from_secs(60),
            lane: "D",
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl Fn(&mut Job), standing: Standing) {
        let mut job = Job::fresh(1_000, 7, &Policy::default());
        change(&mut job);
        assert_eq!(job.standing(2_000, 3), standing);
    }

    fn leased(until: i64, attempt: u32) -> impl Fn(&mut Job) {
        move |job| {
            job.state = State::Leased;
            job.lease_until = Some(until);
            job.attempt = attempt;
        }
    }

    #[test]
    fn where_a_job_stands_follows_from_state_time_and_attempts() {
        check(|_| {}, Standing::Due);
        check(|job| job.due_at = 2_001, Standing::Later(2_001));
        check(|job| job.attempt = 3, Standing::Exhausted);
        check(leased(2_000, 1), Standing::Held);
        check(leased(1_999, 1), Standing::Abandoned);
        check(leased(1_999, 3), Standing::Exhausted);
        check(leased(2_000, 3), Standing::Held);
        check(|job| job.state = State::Done, Standing::Settled);
        check(|job| job.state = State::Failed, Standing::Settled);
    }
}
