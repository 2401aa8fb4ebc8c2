//! Use case: count. What is sealed was counted when it was sealed; only the rest is
//! read entry by entry.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::audit::{Order, Span};
use shared::error::Result;
use shared::tenant::Tenant;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::AuditLog;

/// How much was done.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct AuditStats {
    /// From when on: UTC.
    since: String,
    /// Before when.
    until: String,
    /// All entries.
    pub total: u64,
    /// By action.
    pub by_action: BTreeMap<String, u64>,
    /// By actor.
    pub by_actor: BTreeMap<String, u64>,
    /// By day (UTC).
    pub by_day: BTreeMap<String, u64>,
}

impl AuditLog {
    /// Counts the entries of a stretch, in milliseconds since 1970.
    pub(super) async fn count(
        &self,
        tenant: &Tenant,
        (from, to): (i64, i64),
    ) -> Result<AuditStats> {
        let mut stats = AuditStats {
            since: to_the_second(from),
            until: to_the_second(to),
            ..AuditStats::default()
        };
        let seals = self.seals.between(tenant, from, to).await?;
        let mut counted = from;
        for seal in seals {
            if seal.from < counted {
                // It begins before the stretch does.
                self.count_each(tenant, counted, seal.to, &mut stats).await?;
            } else {
                stats.add_seal(seal.from, &seal.actions, &seal.actors);
            }
            counted = seal.to;
        }
        self.count_each(tenant, counted, to, &mut stats).await?;
        Ok(stats)
    }

    async fn count_each(
        &self,
        tenant: &Tenant,
        from: i64,
        to: i64,
        stats: &mut AuditStats,
    ) -> Result<()> {
        let mut rest = Some(Span::between(from, to)).filter(|_| from < to);
        while let Some(span) = rest {
            let batch = self.trail.read(tenant, span, Order::Oldest, 1000).await?;
            for entry in batch.entries {
                stats.add(entry.at, &entry.action, &entry.actor);
            }
            rest = batch.rest;
        }
        Ok(())
    }
}

impl AuditStats {
    fn add(&mut self, at: i64, action: &str, actor: &str) {
        self.total += 1;
        *self.by_action.entry(action.to_owned()).or_default() += 1;
        *self.by_actor.entry(actor.to_owned()).or_default() += 1;
        *self.by_day.entry(day(at)).or_default() += 1;
    }

    /// A seal never reaches over midnight.
    fn add_seal(
        &mut self,
        from: i64,
        actions: &BTreeMap<String, u64>,
        actors: &BTreeMap<String, u64>,
    ) {
        let total: u64 = actions.values().sum();
        self.total += total;
        if total > 0 {
            *self.by_day.entry(day(from)).or_default() += total;
        }
        for (action, count) in actions {
            *self.by_action.entry(action.clone()).or_default() += count;
        }
        for (actor, count) in actors {
            *self.by_actor.entry(actor.clone()).or_default() += count;
        }
    }
}

fn day(ms: i64) -> String {
    to_the_second(ms)[..10].to_owned()
}
