//! When a delivery that failed is tried again: a pure rule.
//! Source: the workforce integrations' own retries (a delay that doubles), and the
//! Standard Webhooks specification, "Deliverability and reliability".

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::ids;
use utoipa::ToSchema;

/// The waits that Standard Webhooks proposes, in seconds: ten attempts in 75 hours.
const STANDARD: [u64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// The longest wait of a delay that doubles: a day.
const LONGEST: u64 = 86_400;
/// A receiver that asks to be left alone is, for this long at least.
const HONOURED: Duration = Duration::from_secs(3600);

/// A webhook's schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    #[serde(rename = "retry_policy")]
    pub policy: RetryPolicy,
    /// Attempts after the first one.
    #[serde(rename = "retry_attempts")]
    pub attempts: u32,
    /// The first wait, in seconds.
    #[serde(rename = "retry_delay_seconds")]
    pub delay_seconds: u32,
}

/// How waits grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryPolicy {
    /// `retry_delay_seconds`, doubled after each of the `retry_attempts`.
    #[default]
    Doubling,
    /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    Standard,
}

impl Schedule {
    /// How many attempts follow the first one.
    pub fn retries(&self) -> u32 {
        match self.policy {
            RetryPolicy::Doubling => self.attempts,
            RetryPolicy::Standard => STANDARD.len() as u32,
        }
    }

    /// How long to wait after this many failed attempts; none when that was the last.
    /// Up to a tenth is added by chance, so that those who failed together do not come
    /// back together; what the receiver asks for is honoured up to an hour, or up to
    /// twice the wait if that is longer.
    pub fn wait(&self, failed: u32, asked: Option<Duration>) -> Option<Duration> {
        if failed == 0 || failed > self.retries() {
            return None;
        }
        let wait = Duration::from_secs(self.seconds(failed));
        let asked = asked.unwrap_or_default().min(HONOURED.max(wait * 2));
        let wait = wait.max(asked);
        Some(wait + ids::jitter(wait / 10))
    }

    fn seconds(&self, failed: u32) -> u64 {
        match self.policy {
            RetryPolicy::Doubling => {
                let doubled = 2_u64.saturating_pow(failed - 1);
                u64::from(self.delay_seconds).saturating_mul(doubled).min(LONGEST)
            }
            RetryPolicy::Standard => STANDARD[(failed - 1) as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: Schedule, failed: u32, asked: Option<u64>, seconds: Option<u64>) {
        for _ in 0..50 {
            let wait = schedule.wait(failed, asked.map(Duration::from_secs));
            match (wait, seconds.map(Duration::from_secs)) {
                (Some(wait), Some(least)) => {
                    assert!((least..=least + least / 10).contains(&wait), "{failed}: {wait:?}");
                }
                (wait, seconds) => assert_eq!(wait, seconds, "{failed}"),
            }
        }
    }

    #[test]
    fn waits_double_or_follow_the_standard_and_honour_what_is_asked() {
        let doubling = Schedule { policy: RetryPolicy::Doubling, attempts: 3, delay_seconds: 60 };
        check(doubling, 1, None, Some(60));
        check(doubling, 2, None, Some(120));
        check(doubling, 3, None, Some(240));
        check(doubling, 4, None, None);
        check(doubling, 1, Some(1), Some(60));
        check(doubling, 1, Some(1800), Some(1800));
        check(doubling, 1, Some(100_000), Some(3600));
        let none = Schedule { attempts: 0, ..doubling };
        check(none, 1, None, None);
        let slow = Schedule { attempts: 10, delay_seconds: 86_400, ..doubling };
        check(slow, 10, Some(200_000), Some(172_800));
        let standard = Schedule { policy: RetryPolicy::Standard, ..doubling };
        for (failed, seconds) in (1..).zip(STANDARD) {
            check(standard, failed, None, Some(seconds));
        }
        check(standard, 10, None, None);
    }
}
