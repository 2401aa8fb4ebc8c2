//! What all use cases of webhooks share: finding them, and changing one with its entry
//! in the audit trail.

use serde_json::Value as Json;
use shared::audit::Trail;
use shared::breaker::Breakers;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Jobs, Lane};
use shared::outbound::Targets;
use shared::table::{Cond, Item, Query, Range, Read, Table, Write, Written};
use shared::tenant::Tenant;
use shared::vault::Cached;
use shared::web::Caller;
use uuid::Uuid;

use super::endpoint::{Endpoint, SORTED, endpoint_key};
use super::lane::{jobs, lane};
use crate::messages::{Emitter, Log, partition};

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    pub(super) messages: Table,
    pub(super) log: Log,
    pub(super) emitter: Emitter,
    pub(super) vault: Cached,
    pub(super) targets: Targets,
    pub(super) trail: Trail,
    pub(super) jobs: Jobs,
    pub(super) lane: Lane,
    pub(super) breakers: Breakers,
    pub(super) clock: Clock,
}

/// What the circuit breaker of a webhook is called.
pub(super) fn breaker_name(id: &str) -> String {
    format!("webhook/{id}")
}

/// What is said when somebody else was faster.
pub(super) const INTERFERED: &str = "The webhook was changed by somebody else at the same moment";

impl Webhooks {
    /// Needs the tables `messages`, `control` and `audit`, the queues of deliveries, of
    /// retries and of live messages, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            log: Log::load(env)?,
            emitter: Emitter::load(env)?,
            vault: env.vault(),
            targets: env.targets()?,
            trail: Trail::load(env)?,
            jobs: jobs(env)?,
            lane: lane(env)?,
            breakers: Breakers::new(env.table("CONTROL_TABLE")?, env.clock()),
            clock: env.clock(),
        })
    }

    /// All webhooks of a tenant, the newest first.
    pub(super) async fn all(&self, tenant: &Tenant) -> Result<Vec<Endpoint>> {
        let range = Range::Between(SORTED.into(), format!("{SORTED}~").into());
        let query = Query::partition(&partition(tenant)).range("sk", range);
        let mut found: Vec<Endpoint> = self.messages.query_all(query).await?;
        found.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(found)
    }

    /// One webhook.
    ///
    /// # Errors
    /// `NotFound`, also for what cannot be an id.
    pub(super) async fn find(&self, tenant: &Tenant, id: &str) -> Result<Endpoint> {
        let found = match Uuid::try_parse(id) {
            Ok(id) => {
                let key = endpoint_key(tenant, &id.to_string());
                self.messages.get(&key, Read::Consistent).await?
            }
            Err(_) => None,
        };
        found.ok_or_else(|| Error::not_found("Webhook endpoint not found"))
    }

    /// The write that puts a changed webhook in place of the one that was read. What is
    /// known of its health starts anew with that.
    pub(super) fn replace(&self, old: &Endpoint, new: &Endpoint) -> Result<Write> {
        let new = Endpoint {
            version: old.version + 1,
            updated_at: self.clock.now_ms(),
            failing_since: None,
            warned_at: None,
            missed_since: if new.is_active && !old.is_active {
                None
            } else {
                new.missed_since.or(old.failing_since)
            },
            ..new.clone()
        };
        let as_read = Cond::Eq("version", old.version.into());
        Ok(self.messages.put(Item::of(&new)?, Some(as_read)))
    }

    /// Makes a change together with its entry in the audit trail.
    ///
    /// # Errors
    /// `Conflict`, told as `refused`, when one of the writes is.
    pub(super) async fn change(
        &self,
        by: &Caller,
        action: &str,
        id: &str,
        details: &Json,
        mut writes: Vec<Write>,
        refused: &str,
    ) -> Result<()> {
        writes.push(self.trail.entry(by, action, format!("webhook:{id}"), details)?);
        match self.messages.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::new(Kind::Conflict, refused)),
        }
    }
}
