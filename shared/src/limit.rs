//! Rate limits: so many requests a minute for each caller, counted in the table
//! for all processes together. A process takes its share in growing pieces, so
//! that a busy one writes seldom; before the first piece it may let a thousandth
//! of the limit through unasked. Limits below 1,000 are exact.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, Kind, Result};
use crate::ids;
use crate::table::{Key, Table, Update};
use crate::turns::Turns;

/// The length of a window, in seconds. Windows are whole minutes of UTC.
pub const WINDOW: i64 = 60;
/// How long a window's count is kept, in seconds.
const KEPT: i64 = 10 * WINDOW;
/// How many callers a process remembers.
const REMEMBERED: usize = 10_000;

/// What a caller has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The name of the policy that counts.
    pub policy: &'static str,
    /// Requests a window.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// When the next window starts, in seconds since 1970.
    pub reset: i64,
}

/// One policy, counted for each caller alone. Cheap to clone.
#[derive(Clone)]
pub struct Limiter {
    policy: &'static str,
    table: Table,
    clock: Clock,
    shares: Arc<Mutex<HashMap<String, Share>>>,
    turns: Turns,
}

/// What this process knows of one caller's present window.
#[derive(Clone, Copy, Default)]
struct Share {
    window: i64,
    /// Let through by this process.
    spent: u32,
    /// Taken from the table by this process.
    taken: u32,
    /// Taken by all, when this process last asked.
    by_all: u32,
}

impl Limiter {
    /// The policy of this name, counted in `table`.
    pub fn new(policy: &'static str, table: Table, clock: Clock) -> Self {
        Self { policy, table, clock, shares: Arc::default(), turns: Turns::default() }
    }

    /// Spends one of `who`'s requests.
    ///
    /// # Errors
    /// `TooMany` when none is left in this window. A table that does not answer
    /// limits nobody.
    pub async fn spend(&self, who: &str, limit: u32) -> Result<Quota> {
        let now = self.clock.now_ms() / 1000;
        if let Some(quota) = self.spend_here(who, limit, now) {
            return Ok(quota);
        }
        let _turn = self.turns.take(who).await;
        if let Some(quota) = self.spend_here(who, limit, now) {
            return Ok(quota);
        }
        let share = self.share(who, now);
        if share.by_all < limit {
            self.take(who, share, limit).await;
        }
        let quota = self.spend_here(who, limit, now);
        quota.ok_or_else(|| self.refusal(limit, now))
    }

    /// Whether this process knows that `who` has nothing left.
    pub fn exhausted(&self, who: &str, limit: u32) -> Option<Error> {
        let now = self.clock.now_ms() / 1000;
        let share = self.share(who, now);
        let left = share.by_all < limit || share.spent < share.taken;
        (!left).then(|| self.refusal(limit, now))
    }

    /// Spends what this process has in hand.
    fn spend_here(&self, who: &str, limit: u32, now: i64) -> Option<Quota> {
        let mut share = self.share(who, now);
        let in_hand = share.taken.saturating_add(limit / 1000).min(limit);
        if share.spent >= in_hand {
            return None;
        }
        share.spent += 1;
        self.remember(who, share);
        let left = limit.saturating_sub(share.by_all);
        let remaining = left.saturating_add(in_hand - share.spent);
        Some(Quota { remaining: remaining.min(limit), ..self.quota(limit, now) })
    }

    /// Takes a piece from the table: an eighth of what was spent, at most a hundredth
    /// of the limit.
    async fn take(&self, who: &str, mut share: Share, limit: u32) {
        let wanted = (share.spent / 8).clamp(1, (limit / 100).max(1));
        let digest = ids::hex_digest(who.as_bytes());
        let key = Key::alone(format!("RATE#{}#{}#{digest}", self.policy, share.window));
        let update = Update::of(key)
            .add("n", i64::from(wanted))
            .set("expires_at", share.window * WINDOW + KEPT);
        let granted = match self.table.update_returning(update).await {
            Ok((counter, _)) => {
                let by_all = counter.and_then(|counter| counter.number("n")).unwrap_or_default();
                share.by_all = u32::try_from(by_all).unwrap_or(u32::MAX);
                wanted.saturating_sub(share.by_all.saturating_sub(limit))
            }
            Err(error) => {
                tracing::warn!(%error, "a rate limit could not be counted");
                wanted
            }
        };
        share.taken += granted;
        self.remember(who, share);
    }

    fn share(&self, who: &str, now: i64) -> Share {
        let window = now / WINDOW;
        let shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let known = shares.get(who).filter(|share| share.window == window).copied();
        known.unwrap_or(Share { window, ..Share::default() })
    }

    fn remember(&self, who: &str, share: Share) {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if shares.len() >= REMEMBERED && !shares.contains_key(who) {
            shares.retain(|_, known| known.window >= share.window);
        }
        if shares.len() < REMEMBERED || shares.contains_key(who) {
            shares.insert(who.to_owned(), share);
        }
    }

    fn quota(&self, limit: u32, now: i64) -> Quota {
        let reset = (now / WINDOW + 1) * WINDOW;
        Quota { policy: self.policy, limit, remaining: 0, reset }
    }

    fn refusal(&self, limit: u32, now: i64) -> Error {
        let quota = self.quota(limit, now);
        let wait = quota.reset - now;
        let detail = format!(
            "Rate limit {}: {limit} in {WINDOW} seconds are used up; try again in {wait} seconds",
            self.policy
        );
        let mut error = Error::new(Kind::TooMany, detail);
        error.retry_after = Some(Duration::from_secs(wait.unsigned_abs()));
        error.quota = Some(quota);
        error
    }
}
