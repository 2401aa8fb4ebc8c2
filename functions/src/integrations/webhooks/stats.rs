//! Counts of deliveries, kept in the transactions that they count: by day and type for
//! the tenant, and over its life for each webhook. Spread over a few rows, which many
//! transactions add to at once.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value as Json;
use shared::clock::timestamp;
use shared::error::Result;
use shared::table::{Key, Query, Range, Read, Table, Update, Write};
use shared::tenant::Tenant;

/// How many rows each count is spread over.
const SHARDS: u32 = 8;
/// How long counts of a day are kept, in seconds: 400 days.
const KEPT: i64 = 400 * 24 * 3600;
/// The ends of the ranges that durations are counted in, in milliseconds; the last one
/// has no end.
const RANGES: [i64; 25] = [
    1,
    2,
    3,
    5,
    7,
    10,
    15,
    20,
    30,
    50,
    70,
    100,
    150,
    200,
    300,
    500,
    700,
    1000,
    1500,
    2000,
    3000,
    5000,
    10_000,
    30_000,
    i64::MAX,
];
/// The attributes that hold them.
const NAMES: [&str; RANGES.len()] = [
    "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11", "t12", "t13", "t14",
    "t15", "t16", "t17", "t18", "t19", "t20", "t21", "t22", "t23", "t24",
];

/// What was counted of deliveries. What is neither successful nor failed is pending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub total: i64,
    pub successful: i64,
    pub failed: i64,
    /// When an attempt was last successful, milliseconds since 1970.
    pub last_successful: Option<i64>,
    took: [i64; RANGES.len()],
}

type Row = BTreeMap<String, Json>;

/// Counts deliveries of one message.
pub fn emitted(messages: &Table, tenant: &Tenant, kind: &str, at: i64, deliveries: usize) -> Write {
    let deliveries = i64::try_from(deliveries).unwrap_or_default();
    messages.change(of_day(tenant, kind, at).add("total", deliveries))
}

/// Counts a delivery of a message emitted at that moment that was settled: well, after
/// so many milliseconds of its last attempt, or badly.
pub(super) fn settled(
    messages: &Table,
    tenant: &Tenant,
    kind: &str,
    at: i64,
    took_ms: Option<i64>,
) -> Write {
    let update = of_day(tenant, kind, at);
    messages.change(match took_ms {
        Some(took) => update.add("successful", 1).add(range(took), 1),
        None => update.add("failed", 1),
    })
}

/// Takes a failed delivery back that is driven anew.
pub(super) fn redriven(messages: &Table, tenant: &Tenant, kind: &str, at: i64) -> Write {
    messages.change(of_day(tenant, kind, at).add("failed", -1))
}

/// Counts a webhook's attempt at this moment: a successful one with its milliseconds.
pub(super) fn tried(
    messages: &Table,
    tenant: &Tenant,
    endpoint: &str,
    at: i64,
    took_ms: Option<i64>,
) -> Write {
    let update = Update::of(of_endpoint(tenant, endpoint, fastrand::u32(0..SHARDS)));
    let update = update.set("expires_at", at / 1000 + KEPT);
    messages.change(match took_ms {
        Some(took) => update.add("successful", 1).add(range(took), 1).set("last_successful", at),
        None => update.add("failed", 1),
    })
}

/// What was counted of each type from one day to another, both included.
pub(super) async fn of_days(
    messages: &Table,
    tenant: &Tenant,
    from: Date,
    to: Date,
) -> Result<HashMap<String, Counted>> {
    let mut counted: HashMap<String, Counted> = HashMap::new();
    let mut month = from.first_of_month();
    while month <= to {
        let range = Range::Between(format!("{from}#").into(), format!("{to}#~").into());
        let query = Query::partition(&partition(tenant, month)).range("sk", range);
        for row in messages.query_all::<Row>(query).await? {
            let kind = row.get("sk").and_then(Json::as_str).and_then(|sk| sk.split('#').nth(1));
            let kind = kind.unwrap_or_default().to_owned();
            counted.entry(kind).or_default().add(&row);
        }
        let Ok(next) = month.last_of_month().tomorrow() else { break };
        month = next;
    }
    Ok(counted)
}

/// What was counted of each of these webhooks, by its id.
pub(super) async fn of_endpoints(
    messages: &Table,
    tenant: &Tenant,
    endpoints: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Counted>> {
    let keys: Vec<Key> = endpoints
        .flat_map(|id| (0..SHARDS).map(move |shard| of_endpoint(tenant, id, shard)))
        .collect();
    let mut counted: HashMap<String, Counted> = HashMap::new();
    for row in messages.get_many::<Row>(&keys, Read::Consistent).await? {
        let pk = row.get("pk").and_then(Json::as_str).unwrap_or_default();
        let id = tenant.id_in("TRIED", pk).unwrap_or_default().to_owned();
        counted.entry(id).or_default().add(&row);
    }
    Ok(counted)
}

impl Counted {
    fn add(&mut self, row: &Row) {
        let number = |name: &str| row.get(name).and_then(Json::as_i64).unwrap_or_default();
        self.total += number("total");
        self.successful += number("successful");
        self.failed += number("failed");
        self.last_successful =
            self.last_successful.max(Some(number("last_successful"))).filter(|at| *at > 0);
        for (sum, name) in self.took.iter_mut().zip(NAMES) {
            *sum += number(name);
        }
    }

    /// These and those together.
    pub fn and(&mut self, other: &Self) {
        self.total += other.total;
        self.successful += other.successful;
        self.failed += other.failed;
        self.last_successful = self.last_successful.max(other.last_successful);
        for (sum, more) in self.took.iter_mut().zip(other.took) {
            *sum += more;
        }
    }

    /// How long this part of the successful attempts took at most, in milliseconds: the
    /// end of the range that it lies in.
    pub fn percentile(&self, part: f64) -> Option<i64> {
        let all: i64 = self.took.iter().sum();
        let wanted = (all as f64 * part).ceil() as i64;
        let mut seen = 0;
        let mut ranges = self.took.iter().zip(RANGES);
        let found = ranges.find(|(count, _)| {
            seen += **count;
            seen >= wanted
        });
        // The last range has no end; what is told of it is where it begins.
        let last = RANGES[RANGES.len() - 2];
        found.filter(|_| all > 0).map(|(_, end)| end.min(last))
    }
}

/// The attribute that counts durations like this one.
fn range(took_ms: i64) -> &'static str {
    NAMES[RANGES.partition_point(|end| *end < took_ms).min(NAMES.len() - 1)]
}

fn of_day(tenant: &Tenant, kind: &str, at: i64) -> Update {
    let day = timestamp(at).to_zoned(TimeZone::UTC).date();
    let sk = format!("{day}#{kind}#{}", fastrand::u32(0..SHARDS));
    let key = Key { pk: partition(tenant, day), sk };
    Update::of(key).set("expires_at", at / 1000 + KEPT)
}

fn of_endpoint(tenant: &Tenant, endpoint: &str, shard: u32) -> Key {
    Key { pk: tenant.pk("TRIED", endpoint), sk: shard.to_string() }
}

/// Counts of one month lie together.
fn partition(tenant: &Tenant, day: Date) -> String {
    tenant.pk("COUNTS", day.strftime("%Y-%m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_ends_of_the_ranges_they_lie_in() {
        let mut counted = Counted::default();
        assert_eq!(counted.percentile(0.5), None);
        let took = [4, 4, 4, 4, 4, 4, 4, 4, 4, 120];
        for ms in took {
            let row = Row::from([(range(ms).to_owned(), 1.into())]);
            counted.add(&row);
        }
        assert_eq!((counted.percentile(0.5), counted.percentile(0.9)), (Some(5), Some(5)));
        assert_eq!((counted.percentile(0.95), counted.percentile(1.0)), (Some(150), Some(150)));
        counted.add(&Row::from([(range(99_999).to_owned(), 100.into())]));
        assert_eq!(counted.percentile(0.99), Some(30_000));
        assert_eq!((range(0), range(1), range(2), range(30_001)), ("t0", "t0", "t1", "t24"));
    }
}
