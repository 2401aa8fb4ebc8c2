//! Outside effects, and what may be repeated. No queue makes an outside call
//! happen exactly once; what can be done is decided per effect, here, and an
//! attempt whose outcome is not known never passes silently.

use std::future::Future;
use std::time::Duration;

use super::{Claim, Record};
use crate::error::{Error, Kind};
use crate::ids;
use crate::outbound::{CallError, Outcome};

/// What a retry may do when an earlier attempt may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The other side recognises the effect's key: repeat freely.
    Keyed,
    /// The call states a final state: repeat freely.
    Absolute,
    /// The effect leaves a mark that can be looked for: look first.
    Searchable,
    /// Twice is worse than never: fail as "unknown outcome" and let a person decide.
    AtMostOnce,
    /// Never is worse than twice: repeat.
    AtLeastOnce,
}

/// One call that changes something elsewhere.
pub trait Effect: Sync {
    /// What it answers when it happened.
    type Answer: Send;
    /// How it fails: [`CallError`], or what says more and becomes a [`Failure`] as well.
    type Error: Into<Failure> + Send;
    /// Whether it may be repeated.
    const REPEAT: Repeat;

    /// Does it. `key` is the same for every attempt of the same job.
    fn send(&self, key: &str) -> impl Future<Output = Result<Self::Answer, Self::Error>> + Send;

    /// Looks for what an earlier attempt may have done; for [`Repeat::Searchable`].
    fn find(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Self::Answer>, Self::Error>> + Send {
        let _ = key;
        async { Ok(None) }
    }
}

/// Why an attempt did not finish its job.
#[derive(Debug)]
pub struct Failure {
    /// The reason in one line, as people will see it.
    pub reason: String,
    /// Whether another attempt can help.
    pub retry: bool,
    /// Whether the attempt's effect may have happened.
    pub in_doubt: bool,
    /// When the other side asked to be tried again.
    pub retry_after: Option<Duration>,
    /// How long to wait instead of what the policy says.
    pub wait: Option<Duration>,
    /// What the attempt itself has to write down.
    pub record: Record,
}

impl Claim {
    /// Does an effect under its policy.
    ///
    /// # Errors
    /// The failure that the attempt is to end with.
    pub async fn perform<E: Effect>(&self, effect: &E) -> Result<E::Answer, Failure> {
        let key = ids::derived(&self.effect_name);
        match E::REPEAT {
            Repeat::Searchable if self.doubt.is_some() => {
                if let Some(answer) = effect.find(&key).await.map_err(Failure::of_search)? {
                    return Ok(answer);
                }
            }
            Repeat::AtMostOnce if self.doubt == Some(self.generation) => {
                return Err(Failure::permanent(
                    "unknown outcome: an earlier attempt may have happened",
                ));
            }
            _ => {}
        }
        effect.send(&key).await.map_err(Into::into)
    }
}

impl Failure {
    /// Another attempt will not help.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            retry: false,
            in_doubt: false,
            retry_after: None,
            wait: None,
            record: Record::default(),
        }
    }

    /// The attempt broke off, and what it did is not known.
    pub fn in_doubt(reason: impl Into<String>) -> Self {
        Self { retry: true, in_doubt: true, ..Self::permanent(reason) }
    }

    /// With a reason that is not longer than people read and rows hold.
    pub(super) fn cut(self) -> Self {
        Self { reason: self.reason.chars().take(500).collect(), ..self }
    }

    /// Of a search: it changed nothing.
    fn of_search(error: impl Into<Self>) -> Self {
        Self { in_doubt: false, ..error.into() }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self {
            retry: error.outcome != Outcome::Refused,
            in_doubt: error.outcome == Outcome::InDoubt,
            retry_after: error.retry_after,
            wait: None,
            record: Record::default(),
            reason: error.reason,
        }
    }
}

impl From<Error> for Failure {
    /// A caller's fault will be one at the next attempt as well; ours may pass. Its
    /// cause is logged here, because the row only keeps what people may read.
    fn from(error: Error) -> Self {
        if error.cause.is_some() {
            tracing::error!(%error, "an attempt's work failed");
        }
        Self {
            retry: matches!(error.kind, Kind::Unavailable | Kind::Internal),
            in_doubt: false,
            retry_after: error.retry_after,
            wait: None,
            record: Record::default(),
            reason: error.detail.clone(),
        }
    }
}
