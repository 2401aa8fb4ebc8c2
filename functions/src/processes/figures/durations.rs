//! Durations as counts in buckets that grow by a twentieth: counts of several rows add up,
//! and a percentile of theirs is at most a twentieth more than the exact one.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use shared::error::Result;
use shared::table::{Query, Range, Table};
use shared::tenant::Tenant;

use super::tally::{Of, SUM_MS, durations_partition};

/// How much larger each bucket's end is than the one before.
const GROWTH: f64 = 1.05;

/// How long things took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Durations {
    buckets: BTreeMap<i32, i64>,
    sum_ms: i64,
}

/// The attribute that counts durations of so many milliseconds.
pub(super) fn bucket(ms: i64) -> String {
    format!("b{}", number(ms))
}

/// The least power of the growth that is not smaller.
#[expect(clippy::cast_possible_truncation, reason = "a logarithm of 64 bits is below 1000")]
fn number(ms: i64) -> i32 {
    (ms.max(1) as f64).log(GROWTH).ceil() as i32
}

/// The end of a bucket, in milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "a bucket's end is a count of milliseconds")]
fn end(bucket: i32) -> i64 {
    GROWTH.powi(bucket).floor() as i64
}

impl Durations {
    /// How long runs or steps took that ended from one day to another, both included, by
    /// day.
    pub async fn by_day(
        runs: &Table,
        tenant: &Tenant,
        process: i64,
        of: Of,
        (from, to): (&str, &str),
    ) -> Result<BTreeMap<String, Self>> {
        let name = of.name();
        let range = Range::Between(format!("{name}#{from}").into(), format!("{name}#{to}$").into());
        let query = Query::partition(&durations_partition(tenant, process)).range("sk", range);
        let rows: Vec<BTreeMap<String, Json>> = runs.query_all(query).await?;
        let mut days: BTreeMap<String, Self> = BTreeMap::new();
        for row in &rows {
            let day = row.get("sk").and_then(Json::as_str).and_then(|sk| sk.split('#').nth(1));
            days.entry(day.unwrap_or_default().to_owned()).or_default().take(row);
        }
        Ok(days)
    }

    fn take(&mut self, row: &BTreeMap<String, Json>) {
        for (name, count) in row {
            let Some(count) = count.as_i64() else { continue };
            if name == SUM_MS {
                self.sum_ms += count;
            } else if let Some(bucket) = name.strip_prefix('b').and_then(|n| n.parse().ok()) {
                *self.buckets.entry(bucket).or_default() += count;
            }
        }
    }

    /// These and those.
    pub fn add(&mut self, more: &Self) {
        self.sum_ms += more.sum_ms;
        for (bucket, count) in &more.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// How many there are.
    pub fn count(&self) -> i64 {
        self.buckets.values().sum()
    }

    /// Their mean, in milliseconds; none of none.
    pub fn mean_ms(&self) -> Option<i64> {
        self.sum_ms.checked_div(self.count())
    }

    /// What so many of a hundred did not exceed, in milliseconds: the end of its bucket;
    /// none of none.
    pub fn percentile_ms(&self, percent: i64) -> Option<i64> {
        let wanted = (self.count() * percent + 99) / 100;
        let mut passed = 0;
        for (bucket, count) in &self.buckets {
            passed += count;
            if passed >= wanted.max(1) {
                return Some(end(*bucket));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_at_most_a_twentieth_too_much() {
        let mut durations = Durations::default();
        let exact = [0, 1, 2, 9, 10, 99, 1_000, 61_000, 3_600_000, 86_400_000];
        for ms in exact {
            let row = BTreeMap::from([(bucket(ms), Json::from(1)), (SUM_MS.into(), ms.into())]);
            durations.take(&row);
        }
        assert_eq!(durations.count(), 10);
        assert_eq!(durations.mean_ms(), Some(exact.iter().sum::<i64>() / 10));
        for (percent, ms) in [(50, 10), (60, 99), (70, 1_000), (90, 3_600_000), (100, 86_400_000)] {
            let told = durations.percentile_ms(percent).unwrap_or_default();
            assert!(told >= ms && told * 100 <= ms * 105, "{percent}: {told} for {ms}");
        }
        assert_eq!(Durations::default().percentile_ms(50), None);
    }
}
