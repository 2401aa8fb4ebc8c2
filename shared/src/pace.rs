//! How fast somebody may be called, over all processes together: a token bucket for each
//! limit, all of one name in one row, spent together or not at all. Who may not call yet
//! gets a moment that is its own, and need not ask again before it.
//!
//! A limit of so many calls in some time holds for *any* such time, not only for whole
//! minutes: a bucket that holds `burst` calls refills with the others over the time.

use std::time::Duration;

use serde::Deserialize;

use crate::clock::Clock;
use crate::error::Result;
use crate::table::{Cond, Key, Read, Table, Update, Written};

/// How long a row is kept after it says nothing any more, in seconds.
const KEPT: i64 = 3600;
/// How often somebody who is outrun asks again.
const TRIES: u32 = 8;
/// How late a call may be and still be made at the moment that was reserved for it, in
/// milliseconds: what reaches it by a queue comes some seconds late.
const LATE: i64 = 5000;
/// As many limits as one name may have: an attribute each.
const NAMES: [&str; 5] = ["full0", "full1", "full2", "full3", "full4"];

/// So many calls in any such time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls.
    pub most: u32,
    /// The time.
    pub per: Duration,
    /// How many of them may come at once, 1 at least.
    pub burst: u32,
}

/// When a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Now.
    Now,
    /// At this moment (milliseconds since 1970), which nobody else gets.
    At(i64),
    /// Nobody knows; ask again then (milliseconds since 1970).
    Ask(i64),
}

/// The paces that are counted in one table. Cheap to clone.
#[derive(Clone)]
pub struct Pace {
    table: Table,
    clock: Clock,
}

/// When each bucket is full again, in milliseconds since 1970.
#[derive(Debug, Default, Deserialize)]
struct Buckets {
    full0: Option<i64>,
    full1: Option<i64>,
    full2: Option<i64>,
    full3: Option<i64>,
    full4: Option<i64>,
    /// Nobody goes before then.
    held_until: Option<i64>,
    /// Which change of the row this is.
    #[serde(default)]
    turn: i64,
}

impl Rate {
    /// So many calls in some time, evenly.
    pub const fn even(most: u32, per: Duration) -> Self {
        Self { most, per, burst: 1 }
    }

    /// How long one call takes to refill, in microseconds. In any `per` there are at most
    /// `burst` calls that were there and `most - burst` that came back, and one.
    fn refill(&self) -> i64 {
        let back = i64::from(self.most.saturating_sub(self.burst)) + 1;
        i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX) / back
    }

    /// When the next call may go, if the bucket is full again at `full` (both in
    /// milliseconds since 1970), and when it is full after a call at `now`.
    fn next(&self, full: Option<i64>, now: i64) -> (i64, i64) {
        let full = full.unwrap_or(now).max(now);
        let spare = (i64::from(self.burst) - 1) * self.refill() / 1000;
        (full - spare, full + (self.refill() + 999) / 1000)
    }
}

impl Pace {
    /// The paces in this table.
    pub fn new(table: Table, clock: Clock) -> Self {
        Self { table, clock }
    }

    /// Takes one of `who`'s calls, to be made now or at a later moment. A table that does
    /// not answer holds nobody back.
    pub async fn take(&self, who: &str, rates: &[Rate]) -> Turn {
        let taken = self.try_take(who, rates).await;
        taken.unwrap_or_else(|error| {
            tracing::warn!(%error, "a pace could not be kept");
            Turn::Now
        })
    }

    async fn try_take(&self, who: &str, rates: &[Rate]) -> Result<Turn> {
        for _ in 0..TRIES {
            let (now, known) = (self.clock.now_ms(), self.buckets(who).await?);
            let at = known.next(rates, now);
            // All are spent at that moment, the one that it is waited for and the others.
            let spent: Vec<_> =
                rates.iter().zip(known.all()).map(|(rate, full)| rate.next(full, at).1).collect();
            let expires_at = spent.iter().copied().fold(at, i64::max) / 1000 + KEPT;
            let update = Update::of(key(who)).set("expires_at", expires_at);
            let update = NAMES
                .into_iter()
                .zip(spent)
                .fold(update, |update, (name, full)| update.set(name, full));
            let update = update.add("turn", 1).when(known.as_read());
            if let Written::Done = self.table.update(update).await? {
                return Ok(if at > now { Turn::At(at) } else { Turn::Now });
            }
        }
        // Outrun every time: there is much going on.
        Ok(Turn::Ask(self.clock.now_ms() + 1))
    }

    /// Whether a call may be made now for which `who` got this moment: not long after it,
    /// and not while nobody may call.
    pub async fn is_turn(&self, who: &str, at: i64) -> bool {
        let now = self.clock.now_ms();
        let held = self.buckets(who).await.map(|known| known.held_until);
        let held = held.unwrap_or_else(|error| {
            tracing::warn!(%error, "a pace could not be kept");
            None
        });
        (at..=at + LATE).contains(&now) && held.is_none_or(|until| until <= now)
    }

    async fn buckets(&self, who: &str) -> Result<Buckets> {
        let known: Option<Buckets> = self.table.get(&key(who), Read::Consistent).await?;
        Ok(known.unwrap_or_default())
    }

    /// Lets nobody call `who` before that moment (milliseconds since 1970), as they asked.
    pub async fn hold(&self, who: &str, until: i64) {
        let later =
            Cond::Any(vec![Cond::Absent("held_until"), Cond::Lt("held_until", until.into())]);
        let update = Update::of(key(who)).set("held_until", until).add("turn", 1);
        let update = update.set("expires_at", until / 1000 + KEPT).when(later);
        if let Err(error) = self.table.update(update).await {
            tracing::warn!(%error, "a pace could not be kept");
        }
    }
}

impl Buckets {
    fn all(&self) -> [Option<i64>; NAMES.len()] {
        [self.full0, self.full1, self.full2, self.full3, self.full4]
    }

    /// When the next call may go that all of these let through.
    fn next(&self, rates: &[Rate], now: i64) -> i64 {
        let each = rates.iter().zip(self.all()).map(|(rate, full)| rate.next(full, now).0);
        each.fold(self.held_until.unwrap_or(now).max(now), i64::max)
    }

    fn as_read(&self) -> Cond {
        match self.turn {
            0 => Cond::Absent("turn"),
            turn => Cond::Eq("turn", turn.into()),
        }
    }
}

fn key(who: &str) -> Key {
    Key::alone(format!("PACE#{who}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::millis;

    /// Whoever calls whenever they may never makes more calls in any such time.
    fn check(rate: Rate, in_the_first: &[(i64, usize)]) {
        let (mut full, mut calls, per) = (None, Vec::new(), millis(rate.per));
        for now in 0..per * 4 {
            let (at, then) = rate.next(full, now);
            if at <= now {
                full = Some(then);
                calls.push(now);
            }
        }
        for from in &calls {
            let within = calls.iter().filter(|at| (*from..from + per).contains(at)).count();
            assert!(within <= rate.most as usize, "{rate:?}: {within} from {from} on");
        }
        for (ms, count) in in_the_first {
            let made = calls.iter().filter(|at| *at < ms).count();
            assert_eq!(made, *count, "{rate:?}: in the first {ms} ms");
        }
    }

    #[test]
    fn no_time_sees_more_calls_than_it_may() {
        let (second, half_a_minute) = (Duration::from_secs(1), Duration::from_secs(30));
        check(Rate::even(1, second), &[(1000, 1), (1001, 2), (4000, 4)]);
        check(Rate::even(4, second), &[(250, 1), (251, 2), (1000, 4), (4000, 16)]);
        check(Rate { most: 60, per: half_a_minute, burst: 30 }, &[(30, 30), (30_000, 60)]);
        check(Rate { most: 3, per: second, burst: 3 }, &[(3, 3), (1000, 3)]);
    }
}
