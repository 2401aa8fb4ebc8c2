//! Contacts of groups by interval: what is kept more finely is put together.
//!
//! A row belongs to the interval that it begins in. Counts of customers' first contacts are of
//! one day each, and an interval never crosses a midnight, so that they can be added up. Times
//! for each contact are weighted by the contacts.

use jiff::tz::TimeZone;
use shared::error::Result;

use super::super::records::{Group, GroupMetrics, Stretch};
use super::days::interval_of;
use super::walk::{Ground, Look, Source, Walked, walk};

/// Rows that are read together at most, and of one group in one request.
const TOGETHER: usize = 2000;
const MOST_READ: usize = 30_000;
/// How finely rows are expected to be kept, in milliseconds; only costs depend on it.
const EXPECTED: i64 = 300_000;

/// Each interval of the groups that are asked for, in order of service and group.
pub async fn contacts(on: Ground<'_>) -> Result<Walked<GroupMetrics>> {
    let meant = &on.asked.groups;
    let groups = on.records.groups(on.centre).await?.into_iter();
    let groups = groups.filter(|one: &Group| meant.is_empty() || meant.contains(&one.group));
    let all = groups.map(|one| one.key()).collect();
    walk(on.asked, all, &Contacts(on)).await
}

struct Contacts<'a>(Ground<'a>);

impl Source for Contacts<'_> {
    type Item = GroupMetrics;

    /// Intervals of one group, from that on in which a moment lies.
    async fn look(&self, who: &str, from: Option<i64>, many: usize) -> Result<Look<GroupMetrics>> {
        let Ground { records, centre, asked } = self.0;
        let (mut rows, mut read) = (Vec::new(), 0);
        let mut stretch = Stretch { from: from.unwrap_or(asked.from), to: asked.to - 1 };
        let each = usize::try_from(asked.step / EXPECTED).unwrap_or(1).max(1);
        let together = many.saturating_mul(each).saturating_add(1).min(TOGETHER);
        loop {
            let found = records.of_one::<GroupMetrics>(centre, who, stretch, together).await?;
            read += found.rows.len();
            let last = found.rows.last().map(|row| row.record.start);
            rows.extend(found.rows.into_iter().map(|row| row.record));
            let mut intervals = put_together(&rows, asked.step, &asked.place);
            let (true, Some(last)) = (found.more, last) else {
                return Ok(Look { items: with_starts(intervals), more: false });
            };
            if intervals.len() > many || read >= MOST_READ {
                // More of the last one may follow.
                intervals.pop();
                return Ok(Look { items: with_starts(intervals), more: true });
            }
            stretch.from = last + 1;
        }
    }
}

fn with_starts(intervals: Vec<GroupMetrics>) -> Vec<(i64, GroupMetrics)> {
    intervals.into_iter().map(|interval| (interval.start, interval)).collect()
}

/// Rows in order of their beginnings as intervals of this length. A row that begins before
/// the one before it ends counts the same contacts once more, and is left out.
fn put_together(rows: &[GroupMetrics], step: i64, place: &TimeZone) -> Vec<GroupMetrics> {
    let (mut intervals, mut until) = (Vec::<GroupMetrics>::new(), i64::MIN);
    for row in rows {
        if row.start < until {
            continue;
        }
        until = row.end;
        let (start, end) = interval_of(row.start, step, place);
        match intervals.last_mut().filter(|last| last.start == start) {
            Some(last) => add(last, row),
            // One that is kept more coarsely says its own end.
            None => intervals.push(GroupMetrics { start, end: end.max(row.end), ..row.clone() }),
        }
    }
    intervals
}

fn add(to: &mut GroupMetrics, more: &GroupMetrics) {
    let (one, other) = (to.not_unique_treated, more.not_unique_treated);
    to.aht = weighted((to.aht, one), (more.aht, other));
    to.post_processing = weighted((to.post_processing, one), (more.post_processing, other));
    to.not_unique_received += more.not_unique_received;
    to.not_unique_treated += more.not_unique_treated;
    to.not_unique_missed += more.not_unique_missed;
    to.received_calls += more.received_calls;
    to.treated_calls += more.treated_calls;
    to.miss_calls += more.miss_calls;
    let both = to.answered_in_time.zip(more.answered_in_time);
    to.answered_in_time = both.map(|(one, other)| one + other);
    to.end = to.end.max(more.end);
}

/// The mean of two means of so many.
fn weighted(one: (i64, i64), other: (i64, i64)) -> i64 {
    let many = i128::from(one.1) + i128::from(other.1);
    if many == 0 {
        return 0;
    }
    let sum = i128::from(one.0) * i128::from(one.1) + i128::from(other.0) * i128::from(other.1);
    i64::try_from((sum + many / 2) / many).unwrap_or(i64::MAX)
}
