//! Use case: seal what happened. A seal says where the chain stood at a moment, and
//! how much was done by whom; it is written once and names the one before, so that
//! a trail that was meddled with afterwards does not lead to it any more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::audit::{Entry, Order, Span, Trail};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::table::{Cond, Item, Key, Query, Range, Table, Update, Written};
use shared::tenant::Tenant;

use super::chain::Link;
use super::view::EntryView;
use crate::access::tenants::{Registration, Registrations};

/// How long after a moment nothing is written any more that is dated before it: twice
/// as long as the longest function runs, in milliseconds.
const SETTLED_MS: i64 = 120_000;
/// Entries that one seal covers at most.
const MOST: usize = 1_000;
/// Seals of one tenant that a run makes at most; the next run goes on.
const SEALS: u32 = 200;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// A seal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seal {
    pk: String,
    sk: String,
    /// From 1, without gaps.
    pub number: i64,
    /// It covers what is dated from here on, in milliseconds since 1970.
    pub from: i64,
    /// It covers what is dated before.
    pub to: i64,
    /// Where the chain stood at its beginning.
    pub start: Link,
    /// Where it stands at its end.
    pub end: Link,
    /// Its entries by action.
    pub actions: BTreeMap<String, u64>,
    /// Its entries by actor.
    pub actors: BTreeMap<String, u64>,
}

/// The seals of all tenants.
#[derive(Clone)]
pub(super) struct Seals(pub Table);

impl Seals {
    /// The last seal that ends at this moment or before.
    pub async fn before(&self, tenant: &Tenant, ms: i64) -> Result<Option<Seal>> {
        let range = Range::Between(sk(0).into(), sk(ms).into());
        let query = Query::partition(&pk(tenant)).range("sk", range).descending().limit(1);
        Ok(self.0.query(query).await?.items.into_iter().next())
    }

    /// The seals that end after the one moment and at or before the other, in order.
    pub async fn between(&self, tenant: &Tenant, from: i64, to: i64) -> Result<Vec<Seal>> {
        let range = Range::Between(sk(from + 1).into(), sk(to.max(from + 1)).into());
        self.0.query_all(Query::partition(&pk(tenant)).range("sk", range)).await
    }

    /// Writes a seal behind the last one. False when somebody else did.
    async fn put(&self, tenant: &Tenant, seal: &Seal) -> Result<bool> {
        let head = Key { pk: pk(tenant), sk: "HEAD".to_owned() };
        let last = match seal.number {
            1 => Cond::Absent("number"),
            number => Cond::Eq("number", (number - 1).into()),
        };
        let writes = vec![
            self.0.change(Update::of(head).set("number", seal.number).when(last)),
            self.0.put(Item::of(seal)?, Some(Cond::Absent("pk"))),
        ];
        Ok(matches!(self.0.transact(&ids::time_ordered(), writes).await?, Written::Done))
    }
}

/// The use case.
pub struct Sealer {
    trail: Trail,
    seals: Seals,
    registrations: Registrations,
    clock: Clock,
}

impl Sealer {
    /// Needs the tables `audit` and `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let trail = Trail::load(env)?;
        Ok(Self {
            seals: Seals(trail.table().clone()),
            trail,
            registrations: Registrations(env.table("CONTROL_TABLE")?),
            clock: env.clock(),
        })
    }

    /// Seals what can be sealed, of every tenant.
    pub async fn tick(&self) -> Result<()> {
        for registration in self.registrations.all().await? {
            for _ in 0..SEALS {
                if !self.seal(&registration).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Makes a tenant's next seal. False when there is nothing to seal.
    async fn seal(&self, registration: &Registration) -> Result<bool> {
        let (tenant, now) = (&registration.tenant, self.clock.now_ms());
        let last = self.seals.before(tenant, i64::MAX).await?;
        // Nothing of a tenant is older than its registration, give or take a clock.
        let from = last.as_ref().map_or(registration.created_at - SETTLED_MS, |last| last.to);
        let midnight = (from / DAY_MS + 1) * DAY_MS;
        let to = (now - SETTLED_MS).min(midnight);
        if to <= from {
            return Ok(false);
        }
        let entries = self.entries(tenant, from, to).await?;
        // A quiet day is sealed when it is over, so that nobody reads it again.
        if entries.is_empty() && to < midnight {
            return Ok(false);
        }
        // A full seal ends with its last moment, of which others may have entries.
        let to = match entries.get(MOST) {
            Some(beyond) => beyond.at,
            None => to,
        };
        let covered = entries.into_iter().filter(|entry| entry.at < to).collect();
        let seal = seal(tenant, last, (from, to), covered)?;
        self.seals.put(tenant, &seal).await
    }

    /// The first entries of a stretch: all of them, or more than a seal covers.
    async fn entries(&self, tenant: &Tenant, from: i64, to: i64) -> Result<Vec<Entry>> {
        let (mut entries, mut rest) = (Vec::new(), Some(Span::between(from, to)));
        while let Some(span) = rest.filter(|_| entries.len() <= MOST) {
            let batch = self.trail.read(tenant, span, Order::Oldest, 500).await?;
            entries.extend(batch.entries);
            rest = batch.rest;
        }
        Ok(entries)
    }
}

/// The seal of these entries, behind the last one.
fn seal(
    tenant: &Tenant,
    last: Option<Seal>,
    (from, to): (i64, i64),
    entries: Vec<Entry>,
) -> Result<Seal> {
    let number = last.as_ref().map_or(1, |last| last.number + 1);
    let start = last.map_or_else(|| Link::first(tenant), |last| last.end);
    let (mut end, mut actions, mut actors) = (start.clone(), BTreeMap::new(), BTreeMap::new());
    for entry in entries {
        *actions.entry(entry.action.clone()).or_default() += 1;
        *actors.entry(entry.actor.clone()).or_default() += 1;
        end = end.with(&EntryView::of(entry)?)?;
    }
    Ok(Seal { pk: pk(tenant), sk: sk(to), number, from, to, start, end, actions, actors })
}

fn pk(tenant: &Tenant) -> String {
    tenant.pk("SEALS", "")
}

fn sk(ms: i64) -> String {
    format!("S#{:019}", ms.max(0))
}
