//! How long to wait before another attempt.

use std::time::Duration;

use super::{Failure, Policy};
use crate::ids;

/// What the work itself wants, or full jitter: anything between nothing and
/// `base · 2^(attempt-1)`, capped. What the other side asks for is honoured up to
/// twice that cap.
pub(super) fn delay(policy: &Policy, attempt: u32, failure: &Failure) -> Duration {
    if let Some(wait) = failure.wait {
        return wait;
    }
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1).min(31));
    let most = policy.backoff_base.saturating_mul(doubled).min(policy.backoff_cap);
    let drawn = ids::jitter(most);
    match failure.retry_after {
        Some(asked) => drawn.max(asked.min(policy.backoff_cap * 2)),
        None => drawn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(attempt: u32, asked: Option<u64>, least: u64, most: u64) {
        let policy = Policy {
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(60),
            ..Policy::default()
        };
        for _ in 0..200 {
            let retry_after = asked.map(Duration::from_secs);
            let failure = Failure { retry_after, ..Failure::in_doubt("") };
            let delay = delay(&policy, attempt, &failure);
            let bounds = Duration::from_secs(least)..=Duration::from_secs(most);
            assert!(bounds.contains(&delay), "attempt {attempt}: {delay:?}");
        }
    }

    #[test]
    fn the_wait_doubles_up_to_the_cap_and_honours_what_is_asked_within_reason() {
        check(1, None, 0, 1);
        check(3, None, 0, 4);
        check(40, None, 0, 60);
        check(1, Some(30), 30, 30);
        check(1, Some(86_400), 120, 120);
    }
}
