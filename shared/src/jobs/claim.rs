//! The right to settle a job: a lease with a fencing token.

use super::engine::{Jobs, as_seen, state};
use super::{Row, Standing, State, Station};
use crate::clock::millis;
use crate::error::Result;
use crate::ids;
use crate::table::{Cond, Key, Refusal, Update, Written};

/// The right to settle a job, while the lease lasts.
#[derive(Clone, Debug)]
pub struct Claim {
    key: Key,
    owner: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    pub(super) generation: u32,
    pub(super) doubt: Option<u32>,
    pub(super) effect_name: String,
}

impl Jobs {
    /// Claims the job on this row, as it was read. None when somebody was faster.
    pub async fn claim<R: Row>(&self, row: &R) -> Result<Option<Claim>> {
        let (job, now) = (row.job(), self.clock.now_ms());
        let abandoned = job.standing(now, self.policy.max_attempts) == Standing::Abandoned;
        let doubt = if abandoned { Some(job.generation) } else { job.doubt };
        let claim = Claim { doubt, ..Claim::unleased(row) };
        let lease_until = now + millis(self.policy.lease);
        let mut update = Update::of(row.key())
            .set("state", state(State::Leased)?)
            .set("owner", claim.owner.as_str())
            .set("attempt", claim.attempt)
            .set("lease_until", lease_until)
            .when(as_seen(job)?);
        if job.wake_at.is_none_or(|at| at < lease_until) {
            update = update.set("wake_at", lease_until);
        }
        if abandoned {
            update = update.set("doubt", job.generation);
        }
        let counted = self.counted(row, Station::of(job), Station::LEASED);
        let written = if counted.is_empty() {
            self.table.update(update).await?
        } else {
            let writes = std::iter::once(self.table.change(update)).chain(counted).collect();
            self.table.transact(&ids::derived(&claim.owner), writes).await?
        };
        Ok(match written {
            Written::Refused(refusals) if !claim.is_owner(&refusals) => None,
            _ => Some(claim),
        })
    }
}

impl Claim {
    /// The next attempt of a row's job, which nobody leased yet.
    pub(super) fn unleased<R: Row>(row: &R) -> Self {
        let (key, job) = (row.key(), row.job());
        let mut effect_name = format!("{}|{}|{}", key.pk, key.sk, job.rank);
        if job.run > 0 {
            effect_name = format!("{effect_name}|{}", job.run);
        }
        let (owner, attempt) = (ids::unique(), job.attempt + 1);
        Self { key, owner, attempt, generation: job.generation, doubt: job.doubt, effect_name }
    }

    /// The row that is claimed.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The same right for one of several effects of its job: each has a key of its own.
    #[must_use]
    pub fn of_part(&self, part: &str) -> Self {
        Self { effect_name: format!("{}|{part}", self.effect_name), ..self.clone() }
    }

    /// Who made it: unique to the claim.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The job is still this claim's.
    pub(super) fn fence(&self) -> Result<Cond> {
        Ok(Cond::All(vec![
            Cond::Eq("state", state(State::Leased)?),
            Cond::Eq("owner", self.owner.as_str().into()),
            Cond::Eq("attempt", self.attempt.into()),
        ]))
    }

    /// Whether the write was applied, now or by an earlier try of the same call: then the
    /// row is still its owner's, and leased no more.
    pub(super) fn took(&self, written: &Written) -> bool {
        let Written::Refused(refusals) = written else { return true };
        let leased = state_name(State::Leased);
        refusals.iter().filter_map(|r| r.found.as_ref()).any(|found| {
            found.text("owner") == Some(&self.owner) && found.text("state") != leased.as_deref()
        })
    }

    /// Whether what stood in the way was the claim itself, made by an earlier try.
    fn is_owner(&self, refusals: &[Refusal]) -> bool {
        let owner = |r: &Refusal| r.found.as_ref()?.text("owner").map(|owner| owner == self.owner);
        refusals.iter().any(|refusal| owner(refusal) == Some(true))
    }
}

fn state_name(state: State) -> Option<String> {
    serde_json::to_value(state).ok()?.as_str().map(str::to_owned)
}
