//! Whether an attempt is worth another one, and how long after it.

use std::time::Duration;

use shared::ids;
use shared::outbound::{Outcome, Reply};

use super::super::config::Config;
use super::Failed;

/// The most that the first wait can be; each further one can be twice as long.
const FIRST: Duration = Duration::from_millis(200);
/// The longest wait that is drawn, and the longest that the other side may ask for.
const LONGEST: Duration = Duration::from_secs(5);
const LONGEST_ASKED: Duration = Duration::from_secs(10);

/// What a call and all its attempts may take, if nothing else is said.
pub(super) fn altogether(config: &Config) -> Duration {
    let timeout = Duration::from_secs(config.timeout_seconds.into());
    (timeout + LONGEST_ASKED) * (config.retry_attempts + 1)
}

/// How long to wait before another attempt; none when one would not help.
pub(super) fn wait(attempt: &Result<(Reply, i64), Failed>, tried: u32) -> Option<Duration> {
    let asked = match attempt {
        Ok((reply, _)) => {
            let passes = matches!(reply.status.as_u16(), 408 | 425 | 429 | 500..=599);
            passes.then(|| reply.failure(String::new()).retry_after)?
        }
        Err(Failed::Call(error)) if error.outcome != Outcome::Refused => error.retry_after,
        Err(_) => return None,
    };
    let most = FIRST.saturating_mul(1 << tried.min(10)).min(LONGEST);
    Some(ids::jitter(most).max(asked.unwrap_or_default().min(LONGEST_ASKED)))
}
