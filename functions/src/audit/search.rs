//! Use case: find entries, newest first.

use shared::audit::{Entry, Order, Span, Trail};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::Read;
use shared::tenant::Tenant;

use super::seal::Seals;
use crate::access::tenants::Registrations;

/// Entries that one request looks through at most; its answer says where to go on.
const LOOKED_AT: usize = 5_000;

/// What a read counts for beside its entries.
const EMPTY_DAY: usize = 20;

/// The use case, and the common ground of counting and exporting.
#[derive(Clone)]
pub struct AuditLog {
    pub(super) trail: Trail,
    pub(super) seals: Seals,
    pub(super) clock: Clock,
    registrations: Registrations,
}

/// What is looked for; all that is given must hold.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub subject: Option<String>,
    pub correlation_id: Option<String>,
}

/// What was found, and behind which entry to go on.
pub(super) struct Found {
    pub entries: Vec<Entry>,
    pub next: Option<String>,
}

impl AuditLog {
    /// Needs the tables `audit` and `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let trail = Trail::load(env)?;
        Ok(Self {
            seals: Seals(trail.table().clone()),
            trail,
            clock: env.clock(),
            registrations: Registrations(env.table("CONTROL_TABLE")?),
        })
    }

    /// The stretch of a tenant's trail between two moments, in milliseconds since 1970:
    /// from its registration to now, where they are not given.
    pub(super) async fn stretch(
        &self,
        tenant: &Tenant,
        since: Option<i64>,
        until: Option<i64>,
    ) -> Result<(i64, i64)> {
        let registered = self.registrations.find(tenant, Read::Eventual).await?;
        let (now, minute) = (self.clock.now_ms() + 1, 60_000);
        let oldest = registered.map_or(0, |tenant| tenant.created_at - 2 * minute);
        let from = since.unwrap_or(oldest).max(oldest);
        Ok((from, until.unwrap_or(now).min(now).max(from)))
    }

    /// A page of the entries of a stretch that pass the filter.
    pub(super) async fn find(
        &self,
        tenant: &Tenant,
        (from, to): (i64, i64),
        filter: &Filter,
        behind: Option<String>,
        limit: usize,
    ) -> Result<Found> {
        let whole = Span::between(from, to);
        let mut rest = match behind {
            Some(behind) => whole.behind(&behind, Order::Newest),
            None => Some(whole),
        };
        let (mut entries, mut looked_at, mut last) = (Vec::new(), 0, None);
        let page = i32::try_from(limit.max(100)).unwrap_or(i32::MAX);
        while let Some(span) = rest {
            let batch = self.trail.read(tenant, span, Order::Newest, page).await?;
            // A day without entries costs as well.
            looked_at += EMPTY_DAY;
            for entry in batch.entries {
                if entries.len() == limit || looked_at >= LOOKED_AT {
                    return Ok(Found { entries, next: last });
                }
                looked_at += 1;
                last = Some(entry.sk.clone());
                if filter.passes(&entry) {
                    entries.push(entry);
                }
            }
            rest = batch.rest;
            if let Some(rest) = rest.as_ref().filter(|_| looked_at >= LOOKED_AT) {
                let next = last.filter(|last| rest.ends_in_the_moment_of(last));
                return Ok(Found { entries, next: Some(next.unwrap_or_else(|| rest.end())) });
            }
        }
        Ok(Found { entries, next: None })
    }
}

impl Filter {
    fn passes(&self, entry: &Entry) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|w| w == is);
        same(&self.actor, &entry.actor)
            && same(&self.action, &entry.action)
            && same(&self.subject, &entry.subject)
            && same(&self.correlation_id, &entry.corr)
    }
}
