//! What a run counts for: pure. A change of a run writes the difference between what it
//! counts for after it and before, so that the counts are at any moment what a recount of
//! all runs would find.

use std::borrow::Cow;
use std::collections::BTreeMap;

use shared::clock::timestamp;
use shared::table::{Key, Update};
use shared::tenant::Tenant;

use super::durations::bucket;
use crate::processes::runs::Run;

/// How many rows the counts of a process are spread over, and those of durations of a day.
const PROCESS_SHARDS: i64 = 8;
const DURATION_SHARDS: i64 = 4;

/// What stands for all processes, where they are counted together.
pub(super) const ALL: i64 = 0;

/// Attributes of the row of a process's counts.
pub(super) const TOTAL: &str = "total";
pub(super) const UNRESOLVED: &str = "unresolved";
pub(super) const TIMED: &str = "timed";
pub(super) const TIMED_MS: &str = "timed_ms";
/// Attributes of a row of durations, beside the buckets'.
pub(super) const SUM_MS: &str = "sum_ms";

/// Counts by row and attribute.
pub(super) type Tally = BTreeMap<(String, String), BTreeMap<Cow<'static, str>, i64>>;

/// What durations are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Whole runs.
    Runs,
    /// One step, of this id.
    Step(i64),
}

impl Of {
    /// The beginning of the sort keys of its rows.
    pub fn name(self) -> String {
        match self {
            Self::Runs => "R".to_owned(),
            Self::Step(id) => format!("S{id:012}"),
        }
    }
}

/// What changes in the counts when the runs that were `before` become `after`.
pub fn changes<'a>(
    tenant: &Tenant,
    before: impl IntoIterator<Item = &'a Run>,
    after: impl IntoIterator<Item = &'a Run>,
) -> Vec<Update> {
    let after = after.into_iter().map(|run| (run, 1));
    let mut difference = Tally::new();
    for (run, sign) in before.into_iter().map(|run| (run, -1)).chain(after) {
        for (row, counts) in counted(tenant, run) {
            let here = difference.entry(row).or_default();
            for (name, count) in counts {
                *here.entry(name).or_default() += sign * count;
            }
        }
    }
    let rows = difference.into_iter().filter_map(|((pk, sk), counts)| {
        let changed: Vec<_> = counts.into_iter().filter(|(_, count)| *count != 0).collect();
        let update = Update::of(Key { pk, sk });
        (!changed.is_empty())
            .then(|| changed.into_iter().fold(update, |update, (name, n)| update.add(name, n)))
    });
    rows.collect()
}

/// What a run counts for. A deleted one is no longer among the runs; how long it took
/// stays counted, because it took that long.
pub fn counted(tenant: &Tenant, run: &Run) -> Tally {
    let mut tally = Tally::new();
    if run.deleted_at.is_none() {
        let row = (statistics_partition(tenant, run.process_id), shard(run, PROCESS_SHARDS));
        let mut counts = BTreeMap::from([(TOTAL.into(), 1), (Cow::Borrowed(run.status.name()), 1)]);
        let unresolved = i64::try_from(run.unresolved().count()).unwrap_or(i64::MAX);
        counts.insert(UNRESOLVED.into(), unresolved);
        if let Some(took) = run.took() {
            counts.insert(TIMED.into(), 1);
            counts.insert(TIMED_MS.into(), took);
        }
        tally.insert(row, counts);
        let all = (statistics_partition(tenant, ALL), shard(run, PROCESS_SHARDS));
        tally.insert(all, BTreeMap::from([(UNRESOLVED.into(), unresolved)]));
    }
    let whole = run.took().zip(run.finished_at).map(|(took, end)| (Of::Runs, end, took));
    let steps = run
        .current()
        .filter_map(|step| Some((Of::Step(step.step_id), step.finished_at?, step.took()?)));
    for (of, end, took) in whole.into_iter().chain(steps) {
        let sk = format!("{}#{}#{}", of.name(), day(end), shard(run, DURATION_SHARDS));
        let row = (durations_partition(tenant, run.process_id), sk);
        let counts = tally.entry(row).or_default();
        *counts.entry(bucket(took).into()).or_default() += 1;
        *counts.entry(SUM_MS.into()).or_default() += took;
    }
    tally
}

fn shard(run: &Run, shards: i64) -> String {
    run.id().rem_euclid(shards).to_string()
}

/// The day (UTC) of a moment.
pub(super) fn day(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%d").to_string()
}

/// The partition of a process's counts.
pub(super) fn statistics_partition(tenant: &Tenant, process: i64) -> String {
    tenant.pk("COUNTS", process)
}

/// The partition of a process's durations.
pub(super) fn durations_partition(tenant: &Tenant, process: i64) -> String {
    tenant.pk("DURATIONS", process)
}
