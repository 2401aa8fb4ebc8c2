//! The audit trail: who did what to what, and when. An entry is written in the
//! transaction of the change that it tells of, so there is one exactly when the
//! change happened; nothing in the product changes or deletes one.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{Clock, timestamp};
use crate::env::Env;
use crate::error::Result;
use crate::ids;
use crate::table::{Cond, Item, Query, Range, Table, Write};
use crate::tenant::Tenant;
use crate::web::Caller;

/// How many partitions a tenant's day is spread over, because one takes 1,000 write
/// units a second.
const SHARDS: u32 = 4;
/// Digits of the moment that a sort key starts with.
const MS_DIGITS: usize = 15;

/// One entry as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    pk: String,
    /// Sorts by time; unique in the tenant.
    pub sk: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who did it, as [`Caller::actor`] names them.
    pub actor: String,
    /// What was done, for example `api-key.create`.
    pub action: String,
    /// What it was done to, for example `api-key:5`.
    pub subject: String,
    /// The correlation id of the request.
    pub corr: String,
    /// What else is to be known of it, as a JSON object's text.
    pub details: String,
}

/// The trails of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Trail {
    table: Table,
    clock: Clock,
}

/// Which way a trail is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the oldest on.
    Oldest,
    /// From the newest back.
    Newest,
}

/// A stretch of one trail; its ends are sort keys. An end that is a moment alone sorts
/// before the entries of that moment.
#[derive(Clone, Debug)]
pub struct Span {
    /// Where it begins.
    pub from: String,
    /// Where it ends.
    pub to: String,
}

/// Entries in order, and whether there may be more behind them.
pub struct Batch {
    /// The entries.
    pub entries: Vec<Entry>,
    /// What is left of the span; none at its end.
    pub rest: Option<Span>,
}

impl Trail {
    /// Needs the table `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { table: env.table("AUDIT_TABLE")?, clock: env.clock() })
    }

    /// The write that tells what `by` does, to be made with the change itself.
    pub fn entry(
        &self,
        by: &Caller,
        action: &str,
        subject: impl Into<String>,
        details: &Value,
    ) -> Result<Write> {
        let at = self.clock.now_ms();
        let (id, day) = (ids::unique(), day_of(at));
        let shard = fastrand::u32(0..SHARDS);
        let entry = Entry {
            pk: partition(&by.tenant, day, shard),
            sk: format!("{}{}", sk_at(at), &id[..12]),
            at,
            actor: by.actor.clone(),
            action: action.to_owned(),
            subject: subject.into(),
            corr: by.corr.clone(),
            details: details.to_string(),
        };
        Ok(self.table.put(Item::of(&entry)?, Some(Cond::Absent("pk"))))
    }

    /// The next entries of a span, about `limit` of them; maybe none, with a rest.
    pub async fn read(
        &self,
        tenant: &Tenant,
        span: Span,
        order: Order,
        limit: i32,
    ) -> Result<Batch> {
        if span.from > span.to {
            return Ok(Batch { entries: Vec::new(), rest: None });
        }
        let days = (span.first_day(), span.last_day());
        let day = if order == Order::Oldest { days.0 } else { days.1 };
        let (mut entries, mut sure) = (Vec::new(), None);
        for shard in 0..SHARDS {
            let page = self.page(&partition(tenant, day, shard), &span, order, limit).await?;
            if page.1 {
                let last = page.0.last().map(|entry: &Entry| entry.sk.clone());
                // Behind the last of a page that goes on, other shards' entries are not
                // yet known to be next.
                sure = [sure, last].into_iter().flatten().min_by(|a, b| order.of(a, b));
            }
            entries.extend(page.0);
        }
        entries.sort_by(|a, b| order.of(&a.sk, &b.sk));
        if let Some(sure) = &sure {
            entries.retain(|entry| order.of(&entry.sk, sure) != Ordering::Greater);
        }
        let rest = match sure {
            Some(last) => span.behind(&last, order),
            None => span.beyond(day, order),
        };
        Ok(Batch { entries, rest })
    }

    async fn page(
        &self,
        pk: &str,
        span: &Span,
        order: Order,
        limit: i32,
    ) -> Result<(Vec<Entry>, bool)> {
        let range = Range::Between(span.from.as_str().into(), span.to.as_str().into());
        let query = Query::partition(pk).range("sk", range).limit(limit);
        let query = if order == Order::Newest { query.descending() } else { query };
        let page = self.table.query(query).await?;
        Ok((page.items, page.next.is_some()))
    }

    /// The table that trails are in.
    pub fn table(&self) -> &Table {
        &self.table
    }
}

impl Span {
    /// From one moment up to and without another, in milliseconds since 1970.
    pub fn between(from: i64, to: i64) -> Self {
        Self { from: sk_at(from), to: sk_at(to) }
    }

    /// What lies behind this entry's sort key; none if nothing does.
    pub fn behind(&self, sk: &str, order: Order) -> Option<Self> {
        let rest = match order {
            Order::Oldest => {
                Self { from: format!("{sk}!").max(self.from.clone()), to: self.to.clone() }
            }
            Order::Newest => {
                Self { from: self.from.clone(), to: just_before(sk).min(self.to.clone()) }
            }
        };
        (rest.from <= rest.to).then_some(rest)
    }

    /// Whether its last moment is that of this sort key.
    pub fn ends_in_the_moment_of(&self, sk: &str) -> bool {
        self.to.get(..MS_DIGITS) == sk.get(..MS_DIGITS)
    }

    /// What a reader from the newest back is told to go on behind.
    pub fn end(&self) -> String {
        let ms: String = self.to.chars().take(MS_DIGITS).collect();
        let after = ms.parse::<i64>().map_or(0, |ms| ms + 1);
        format!("{}000000000000", sk_at(after))
    }

    fn beyond(&self, day: Date, order: Order) -> Option<Self> {
        if order == Order::Oldest {
            let next = sk_at(start_of(day.tomorrow().ok()?)?);
            (next <= self.to).then(|| Self { from: next, to: self.to.clone() })
        } else {
            let end = format!("{}~", sk_at(start_of(day)? - 1));
            (self.from <= end).then(|| Self { from: self.from.clone(), to: end })
        }
    }

    fn first_day(&self) -> Date {
        day_in(&self.from)
    }

    fn last_day(&self) -> Date {
        day_in(&self.to)
    }
}

impl Order {
    fn of(self, a: &str, b: &str) -> Ordering {
        if self == Self::Oldest { a.cmp(b) } else { b.cmp(a) }
    }
}

fn partition(tenant: &Tenant, day: Date, shard: u32) -> String {
    tenant.pk("AUDIT", format!("{day}#{shard}"))
}

/// The least sort key at that moment.
fn sk_at(ms: i64) -> String {
    format!("{:0MS_DIGITS$}-", ms.max(0))
}

/// The greatest text that sorts before this sort key, as far as sort keys go.
fn just_before(sk: &str) -> String {
    let mut bytes = sk.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last -= 1;
    }
    bytes.push(b'~');
    String::from_utf8(bytes).unwrap_or_default()
}

fn day_in(sk: &str) -> Date {
    day_of(sk.get(..MS_DIGITS).and_then(|ms| ms.parse().ok()).unwrap_or_default())
}

fn day_of(ms: i64) -> Date {
    timestamp(ms).to_zoned(TimeZone::UTC).date()
}

fn start_of(day: Date) -> Option<i64> {
    let start: Timestamp = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(start.as_millisecond())
}
