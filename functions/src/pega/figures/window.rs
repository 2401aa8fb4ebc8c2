//! Use case: tell how many events were received since a minute, exactly as a recount
//! would: whole hours from their sums, the rest from the counts of minutes.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::clock::{Clock, timestamp};
use shared::env::Env;
use shared::error::Result;
use shared::table::{Query, Range, Table};
use shared::tenant::Tenant;

use super::counts::{ByType, MinuteRow, States, day_partitions};
use super::hours::{self, HOUR, HourRow};
use super::probe::Probe;
use crate::pega::event::events_table;

/// Hours whose minutes are read side by side.
const SIDE_BY_SIDE: usize = 16;
/// A minute in milliseconds.
const MINUTE: i64 = 60_000;
/// A day in milliseconds.
pub(super) const DAY: i64 = 24 * HOUR;

/// The use case.
#[derive(Clone)]
pub struct Figures {
    events: Table,
    pub(super) probe: Probe,
    pub(super) clock: Clock,
}

/// What was counted in each hour that has something, by its beginning in milliseconds
/// since 1970; the first one from the window's first minute on.
pub(super) struct Window {
    pub since: i64,
    hours: BTreeMap<i64, ByType>,
}

impl Figures {
    /// Needs the table `events` and what it takes to reach Pega.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { events: events_table(env)?, probe: Probe::load(env)?, clock: env.clock() })
    }

    /// What was received in the last so many milliseconds, from the beginning of a minute.
    pub(super) async fn of_last(&self, tenant: &Tenant, length: i64) -> Result<Window> {
        let now = self.clock.now_ms();
        let since = now - length - (now - length).rem_euclid(MINUTE);
        let first = since - since.rem_euclid(HOUR);
        // Clocks differ: what was received in another process's present counts as well.
        let last = now - now.rem_euclid(HOUR) + HOUR;
        let kept = hours::rows(&self.events, tenant, first, last).await?;
        let beginnings: Vec<i64> =
            (0..=(last - first) / HOUR).map(|number| first + number * HOUR).collect();
        let sums = stream::iter(beginnings).map(|hour| {
            let seen = kept.get(&hour);
            async move {
                let sums = self.of_hour(tenant, hour, since, now, seen).await?;
                Ok::<_, shared::error::Error>((hour, sums))
            }
        });
        let hours = sums.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        Ok(Window { since, hours })
    }

    /// What was received in one hour, from `since` on.
    async fn of_hour(
        &self,
        tenant: &Tenant,
        hour: i64,
        since: i64,
        now: i64,
        seen: Option<&HourRow>,
    ) -> Result<ByType> {
        let whole = since <= hour && hours::is_over(hour, now);
        if whole && let Some(sums) = seen.map(HourRow::sums).transpose()?.flatten() {
            return Ok(sums);
        }
        let sums = self.of_minutes(tenant, hour.max(since), hour + HOUR - MINUTE).await?;
        if whole {
            hours::keep(&self.events, tenant, hour, seen, &sums).await?;
        }
        Ok(sums)
    }

    /// What was received from one minute to another of the same day, both included.
    async fn of_minutes(&self, tenant: &Tenant, first: i64, last: i64) -> Result<ByType> {
        let minute = |at: i64| timestamp(at).strftime("%H:%M").to_string();
        let range = Range::Between(minute(first).into(), format!("{}~", minute(last)).into());
        let partitions = day_partitions(tenant, first);
        let rows = try_join_all(partitions.map(|partition| {
            let query = Query::partition(&partition).range("sk", range.clone());
            self.events.query_all::<MinuteRow>(query)
        }));
        let mut sums = ByType::new();
        for row in rows.await?.into_iter().flatten() {
            sums.entry(row.of_type().to_owned()).or_default().add(&row.states);
        }
        Ok(sums)
    }
}

impl Window {
    /// All of it, by type.
    pub fn by_type(&self) -> ByType {
        let mut by_type = ByType::new();
        for (kind, states) in self.hours.values().flatten() {
            by_type.entry(kind.clone()).or_default().add(states);
        }
        by_type
    }

    /// All types together.
    pub fn states(&self) -> States {
        let mut sum = States::default();
        for states in self.hours.values().flat_map(ByType::values) {
            sum.add(states);
        }
        sum
    }

    /// How many were received on each day (UTC) that has some, by its beginning.
    pub fn by_day(&self) -> BTreeMap<i64, i64> {
        let mut days = BTreeMap::new();
        for (hour, by_type) in &self.hours {
            let total: i64 = by_type.values().map(States::total).sum();
            *days.entry(hour - hour.rem_euclid(DAY)).or_default() += total;
        }
        days.retain(|_, total| *total > 0);
        days
    }
}
