//! How a call over a connection fails, and whose fault that is.

use std::time::Duration;

use shared::error::{Error, Kind};
use shared::ids;
use shared::outbound::{CallError, Class, Outcome, Reply};

use super::super::config::LogLevel;

/// A call without an answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failed {
    /// It was not made.
    #[error(transparent)]
    Held(#[from] Held),
    /// It was made, and broke.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// A call that was not made.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Held {
    /// Why.
    pub reason: &'static str,
    /// When it is worth trying again.
    pub retry_after: Duration,
}

impl Held {
    /// All places of the connection were taken for too long.
    pub(super) const FULL: Self = Self {
        reason: "Too many calls of this connection are under way",
        retry_after: Duration::from_secs(1),
    };

    /// Its circuit breaker is open until then (milliseconds since 1970).
    pub(super) fn open_until(at: i64, now: i64) -> Self {
        let retry_after = Duration::from_millis(u64::try_from(at - now).unwrap_or(0));
        let reason = "The other side keeps failing and is left alone for a while";
        Self { reason, retry_after: retry_after.max(Duration::from_secs(1)) }
    }
}

impl From<Held> for Error {
    fn from(held: Held) -> Self {
        let mut error = Self::new(Kind::Unavailable, held.reason);
        error.retry_after = Some(held.retry_after);
        error
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Held(held) => held.into(),
            Failed::Call(error) => {
                let mut told = Self::new(Kind::Unavailable, "The other side does not answer");
                told.retry_after = Some(error.retry_after.unwrap_or(ids::jitter(AGAIN) + AGAIN));
                told.cause = Some(error.into());
                told
            }
        }
    }
}

/// When a call that broke is worth trying again, about.
const AGAIN: Duration = Duration::from_secs(5);

type Attempt = Result<(Reply, i64), Failed>;

/// Whether this says that the other side is not well. A refusal does not, and neither
/// does a call that was not made.
pub(super) fn is_the_other_side_s(attempt: &Attempt) -> bool {
    match attempt {
        Ok((reply, _)) => reply.status.is_server_error(),
        Err(Failed::Held(_)) => false,
        Err(Failed::Call(error)) => match error.class {
            // A name that nobody knows is a mistake in the address, and costs nobody anything.
            Class::Target | Class::Request | Class::Dns | Class::TooLarge => false,
            // Of the token endpoint.
            Class::Answer => error.outcome != Outcome::Refused,
            Class::Connection | Class::Timeout | Class::Broken => true,
        },
    }
}

/// How grave an attempt's outcome is.
pub(super) fn level(attempt: &Attempt) -> LogLevel {
    match attempt {
        Ok((reply, _)) if reply.status.is_server_error() => LogLevel::Error,
        Ok((reply, _)) if !reply.status.is_success() => LogLevel::Warning,
        Ok(_) => LogLevel::Info,
        Err(_) => LogLevel::Error,
    }
}
