//! The sums of whole hours, so that a week is 168 rows at most. A sum is made by the
//! first who asks for it after its hour is over, from the counts of its minutes. Whoever
//! changes one of those later takes the sum away and counts a generation, by which one
//! that is being made meanwhile is known to be outdated.

use std::collections::HashMap;

use serde::Deserialize;
use shared::clock::timestamp;
use shared::error::{Error, Result};
use shared::table::{Cond, Key, Query, Range, Table, Update};
use shared::tenant::Tenant;

use super::counts::{ByType, KEPT};

/// An hour in milliseconds.
pub(super) const HOUR: i64 = 3_600_000;
/// How long after its end an hour is summed up, and from when on a change takes its sum
/// away, in milliseconds. The clocks of two processes may differ by the time between.
const SUMMED_AFTER: i64 = 20 * 60_000;
const OUTDATED_AFTER: i64 = 5 * 60_000;
/// How long after its beginning the states in an hour are asked for, in milliseconds: the day
/// of the dashboard and an hour. Later only their total matters, which no change alters.
const ASKED_FOR: i64 = 26 * HOUR;
/// The longest sum that is kept, in bytes.
const LONGEST: usize = 100_000;

/// A row of an hour.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct HourRow {
    sk: String,
    /// How often a sum was taken away.
    #[serde(default)]
    generation: i64,
    /// The sum, as JSON.
    #[serde(default)]
    sums: Option<String>,
}

impl HourRow {
    /// Its sum, if it has one.
    pub fn sums(&self) -> Result<Option<ByType>> {
        let sums = self.sums.as_deref();
        sums.map(|sums| serde_json::from_str(sums).map_err(Error::internal)).transpose()
    }
}

/// Whether an hour that begins then is over for long enough to be summed up.
pub(super) fn is_over(hour: i64, now: i64) -> bool {
    hour + HOUR + SUMMED_AFTER <= now
}

/// Takes away the sum of the hour of this moment, if it may have one by now.
pub(super) fn outdate(tenant: &Tenant, at: i64, now: i64) -> Option<Update> {
    let hour = at - at.rem_euclid(HOUR);
    let row = Update::of(hour_key(tenant, hour)).add("generation", 1).remove("sums");
    let matters = hour + HOUR + OUTDATED_AFTER <= now && now < hour + ASKED_FOR;
    matters.then(|| row.set("expires_at", kept_until(hour)))
}

/// The rows of the hours from one to another, both included, by their beginning.
pub(super) async fn rows(
    events: &Table,
    tenant: &Tenant,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, HourRow>> {
    let range = Range::Between(hour_key(tenant, first).sk.into(), hour_key(tenant, last).sk.into());
    let query = Query::partition(&hour_key(tenant, first).pk).range("sk", range);
    let rows: Vec<HourRow> = events.query_all(query).await?;
    Ok(rows.into_iter().filter_map(|row| Some((beginning(&row.sk)?, row))).collect())
}

/// Keeps the sum of an hour, unless its counts were changed since its row was read.
pub(super) async fn keep(
    events: &Table,
    tenant: &Tenant,
    hour: i64,
    seen: Option<&HourRow>,
    sums: &ByType,
) -> Result<()> {
    let text = serde_json::to_string(sums).map_err(Error::internal)?;
    if text.len() > LONGEST {
        return Ok(());
    }
    let unchanged = match seen.map_or(0, |row| row.generation) {
        0 => Cond::Absent("generation"),
        generation => Cond::Eq("generation", generation.into()),
    };
    let update = Update::of(hour_key(tenant, hour)).set("sums", text);
    let update = update.set("expires_at", kept_until(hour)).when(unchanged);
    // Refused when it is outdated already.
    events.update(update).await.map(drop)
}

fn kept_until(hour: i64) -> i64 {
    hour / 1000 + KEPT
}

fn hour_key(tenant: &Tenant, hour: i64) -> Key {
    let sk = timestamp(hour).strftime("%Y-%m-%dT%H").to_string();
    Key { pk: tenant.pk("HOURS", ""), sk }
}

/// The beginning of the hour that a sort key names, milliseconds since 1970.
fn beginning(sk: &str) -> Option<i64> {
    let moment: jiff::Timestamp = format!("{sk}:00:00Z").parse().ok()?;
    Some(moment.as_millisecond())
}
