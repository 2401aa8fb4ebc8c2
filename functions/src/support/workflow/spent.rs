//! How much of its time a workflow has spent, which it may be at work for at a time.

use std::time::Duration;

use shared::clock::Clock;
use shared::error::Result;
use shared::jobs::{Claim, Record};
use shared::table::Value;

use super::model::{Rested, Workflow};

/// The time of one attempt, and of those before it.
pub(super) struct Spent<'a> {
    clock: &'a Clock,
    before_ms: i64,
    began: i64,
    whole_ms: i64,
}

impl<'a> Spent<'a> {
    /// What a workflow has spent of this much, in milliseconds, whose attempt begins now.
    pub fn by(row: &Workflow, whole_ms: i64, clock: &'a Clock) -> Self {
        Self { clock, before_ms: row.worked_ms(), began: clock.now_ms(), whole_ms }
    }

    /// What is left; zero when all is spent.
    pub fn left(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.whole_ms - self.worked_ms()).unwrap_or(0))
    }

    /// Keeps it with the end of the attempt.
    pub fn keep(&self, claim: &Claim, record: &mut Record) -> Result<()> {
        let rested = Rested { by: claim.owner().to_owned(), at: self.clock.now_ms() };
        record.set.push(("worked_ms", self.worked_ms().into()));
        record.set.push(("rested", Value::of(&rested)?));
        Ok(())
    }

    fn worked_ms(&self) -> i64 {
        self.before_ms + (self.clock.now_ms() - self.began)
    }
}
