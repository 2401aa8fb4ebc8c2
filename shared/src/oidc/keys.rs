//! An issuer's keys, kept for an hour. A key that is not among them is looked for
//! once a minute at most, whoever asks and however many; when the issuer does not
//! answer, what is kept stays in use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::jwk::{Choice, Key, KeySet, Wanted};
use super::refused;
use super::source::Source;
use crate::clock::Clock;
use crate::error::{Error, Result};

/// How long keys are kept before they are asked for again.
const KEPT_MS: i64 = 3_600_000;
/// The pause between two fetches.
const PAUSE_MS: i64 = 60_000;
/// The same while there are no keys at all, when every caller is told to repeat.
const FIRST_PAUSE_MS: i64 = 1000;
/// How long a fetch may take, discovery and all; callers wait for it.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The keys of one issuer.
pub(super) struct Keys {
    source: Source,
    clock: Clock,
    kept: Mutex<Kept>,
    /// Held by whoever fetches.
    turn: Arc<Turn<()>>,
}

#[derive(Default)]
struct Kept {
    set: KeySet,
    fetched_at: Option<i64>,
    tried_at: Option<i64>,
    failure: String,
}

impl Keys {
    pub fn new(source: Source, clock: Clock) -> Self {
        Self { source, clock, kept: Mutex::default(), turn: Arc::default() }
    }

    /// The key that the token asks for.
    ///
    /// # Errors
    /// `Unauthorized` when there is none; `Unavailable` when that is not sure.
    pub async fn find(self: &Arc<Self>, wanted: &Wanted) -> Result<Key> {
        let mut now = self.clock.now_ms();
        if self.kept().is_due(wanted, now) {
            self.refresh(wanted).await;
            now = self.clock.now_ms();
        }
        self.kept().find(wanted, now)
    }

    /// Fetches the keys, or waits for whoever is doing it. Who has a key already
    /// does not wait for others.
    async fn refresh(self: &Arc<Self>, wanted: &Wanted) {
        let unknown = matches!(self.kept().set.choose(wanted), Choice::Unknown);
        let turn = match self.turn.clone().try_lock_owned() {
            Ok(turn) => turn,
            Err(_) if unknown => self.turn.clone().lock_owned().await,
            Err(_) => return,
        };
        if self.kept().is_due(wanted, self.clock.now_ms()) {
            // A task of its own: a caller that goes away would break it off.
            let fetched = tokio::spawn(self.clone().fetch(turn)).await;
            if let Err(error) = fetched {
                tracing::error!(%error, "a fetch of keys broke off");
            }
        }
    }

    async fn fetch(self: Arc<Self>, turn: OwnedMutexGuard<()>) {
        let read = tokio::time::timeout(FETCH_TIMEOUT, self.source.read()).await;
        let read = read.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer in time")));
        let now = self.clock.now_ms();
        let mut kept = self.kept();
        kept.tried_at = Some(now);
        match read {
            Ok(set) => (kept.set, kept.fetched_at) = (set, Some(now)),
            Err(error) => {
                let issuer = self.source.issuer();
                kept.failure = format!("the keys of {issuer} cannot be fetched: {error:#}");
                tracing::warn!(failure = kept.failure, "an issuer's keys stay as they are");
            }
        }
        drop(kept);
        drop(turn);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Whether a fetch may help this token, and may be made.
    fn is_due(&self, wanted: &Wanted, now: i64) -> bool {
        let pause = if self.fetched_at.is_some() { PAUSE_MS } else { FIRST_PAUSE_MS };
        let unknown = matches!(self.set.choose(wanted), Choice::Unknown);
        !is_within(self.tried_at, pause, now)
            && (unknown || !is_within(self.fetched_at, KEPT_MS, now))
    }

    fn find(&self, wanted: &Wanted, now: i64) -> Result<Key> {
        match self.set.choose(wanted) {
            Choice::Fits(key) => Ok(key.clone()),
            Choice::Unfit => Err(refused("The token's key is not for its algorithm")),
            Choice::Unknown if is_within(self.fetched_at, PAUSE_MS, now) => {
                Err(refused("The token's key is not its issuer's"))
            }
            Choice::Unknown => Err(Error::unavailable(anyhow::anyhow!("{}", self.failure))),
        }
    }
}

/// Whether that moment is less than `length` ago. One in the future is not: the clock
/// was set back.
fn is_within(moment: Option<i64>, length: i64, now: i64) -> bool {
    moment.is_some_and(|moment| (0..length).contains(&(now - moment)))
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn a_clock_that_was_set_back_keeps_nothing_from_being_fetched() {
        let within = |moment, now| is_within(moment, 60, now);
        assert!(within(Some(100), 100) && within(Some(100), 159));
        assert!(!within(Some(100), 160) && !within(Some(100), 99) && !within(None, 100));
    }
}
