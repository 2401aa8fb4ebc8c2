//! Use cases' common ground: where sources are kept, and how they change.

use serde_json::Value as Json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Query, Read, Table, Write, Written};
use shared::tenant::Tenant;
use shared::vault::Cached;
use shared::web::{Caller, Permissions};

use super::model::{Secrets, Source, directory, is_name, record_key};
use crate::access::permission::EVENTS_WRITE;
use crate::access::usage::Usage;

/// The use cases of sources.
#[derive(Clone)]
pub struct Sources {
    pub(super) control: Table,
    pub(super) trail: Trail,
    pub(super) vault: Cached,
    pub(super) usage: Usage,
    pub(super) clock: Clock,
    /// The issuers whose tokens the sources of a tenant may send.
    pub(super) issuers: Vec<(Tenant, String)>,
}

impl Sources {
    /// Needs the tables `control` and `audit`, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            control: env.table("CONTROL_TABLE")?,
            trail: Trail::load(env)?,
            vault: env.vault(),
            usage: Usage::load(env)?,
            clock: env.clock(),
            issuers: crate::access::tokens::trusted(env)?,
        })
    }

    /// All sources of a tenant, by name.
    pub(super) async fn list(&self, tenant: &Tenant) -> Result<Vec<Source>> {
        self.control.query_all(Query::partition(&directory(tenant))).await
    }

    /// One source.
    pub(super) async fn find(&self, tenant: &Tenant, name: &str) -> Result<Source> {
        let found = match is_name(name) {
            true => self.control.get(&record_key(tenant, name), Read::Consistent).await?,
            false => None,
        };
        found.ok_or_else(|| Error::not_found("Source not found"))
    }

    /// Nobody makes or changes a sender unless they may send themselves.
    pub(super) fn must_reach(by: &Caller) -> Result<()> {
        by.must_hold(&Permissions::of([EVENTS_WRITE]))
    }

    /// The write that puts a changed record in place of the one that was read.
    pub(super) fn replace(&self, old: &Source, new: &Source) -> Result<Write> {
        let as_read = Cond::Eq("version", old.version.into());
        let new =
            Source { version: old.version + 1, updated_at: self.clock.now_ms(), ..new.clone() };
        Ok(self.control.put(Item::of(&new)?, Some(as_read)))
    }

    /// Makes a change together with its entry in the audit trail.
    ///
    /// # Errors
    /// `Conflict`, told as `refused`, when one of the writes is.
    pub(super) async fn change(
        &self,
        by: &Caller,
        action: &str,
        name: &str,
        details: &Json,
        mut writes: Vec<Write>,
        refused: &str,
    ) -> Result<()> {
        writes.push(self.trail.entry(by, action, format!("source:{name}"), details)?);
        match self.control.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::new(Kind::Conflict, refused)),
        }
    }

    /// Keeps secrets in the vault under a new name, and answers that name.
    pub(super) async fn keep(&self, tenant: &Tenant, secrets: &Secrets) -> Result<String> {
        self.vault.keep_anew(tenant, "sources", &secrets.text()?).await
    }
}

/// What is said when somebody else was faster.
pub(super) const INTERFERED: &str = "The source was changed by somebody else at the same moment";
