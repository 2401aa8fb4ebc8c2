//! Use cases' common ground: where keys are kept, and how they are read.

use serde_json::Value;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::sequence::Sequence;
use shared::table::{Cond, Query, Range, Read, Table, Update, Write, Written};
use shared::tenant::Tenant;
use shared::web::{Caller, Permissions};

use super::model::{KeyRecord, MOST_KEYS, admins_key, directory, record_key};
use crate::access::permission::narrowed;
use crate::access::tenants::operator;
use crate::access::usage::Usage;

/// How often a change that others interfere with is tried.
pub(super) const TRIES: u32 = 4;

/// The use cases of API keys.
#[derive(Clone)]
pub struct Keys {
    pub(super) control: Table,
    pub(super) trail: Trail,
    pub(super) numbers: Sequence,
    pub(super) usage: Usage,
    pub(super) clock: Clock,
    pub(super) operator: Tenant,
}

impl Keys {
    /// Needs the tables `control` and `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            trail: Trail::load(env)?,
            numbers: Sequence::new(control.clone(), "key"),
            usage: Usage::load(env)?,
            control,
            clock: env.clock(),
            operator: operator(env)?,
        })
    }

    /// A page of a tenant's keys, by number, and the number behind which to go on.
    pub(super) async fn list(
        &self,
        tenant: &Tenant,
        limit: i32,
        after: i64,
    ) -> Result<(Vec<KeyRecord>, Option<i64>)> {
        let first = record_key(tenant, after + 1).sk;
        let range = Range::Between(first.into(), record_key(tenant, MOST_KEYS).sk.into());
        let query = Query::partition(&directory(tenant)).range("sk", range).limit(limit);
        let page = self.control.query::<KeyRecord>(query).await?;
        let next = page.next.and_then(|_| page.items.last().map(|key| key.id));
        Ok((page.items, next))
    }

    /// One key.
    pub(in crate::access) async fn find(&self, tenant: &Tenant, id: i64) -> Result<KeyRecord> {
        let record = self.control.get(&record_key(tenant, id), Read::Consistent).await?;
        record.ok_or_else(|| Error::not_found("API key not found"))
    }

    /// What a key may do.
    pub(super) fn permissions(&self, tenant: &Tenant, key: &KeyRecord) -> Result<Permissions> {
        let whole = key.role.permissions(tenant, &self.operator);
        match &key.permissions {
            None => Ok(whole),
            Some(names) => narrowed(&whole, names, "permissions"),
        }
    }

    /// Nobody changes a key that may do more than they may.
    pub(super) fn must_reach(&self, by: &Caller, key: &KeyRecord) -> Result<()> {
        by.must_hold(&self.permissions(&by.tenant, key)?)
    }

    /// The write that counts one lasting admin key more, or one less if another stays.
    pub(super) fn count_admin(&self, tenant: &Tenant, more: bool) -> Write {
        let update = Update::of(admins_key(tenant)).add("n", if more { 1 } else { -1 });
        let stays = (!more).then_some(Cond::Gt("n", 1_i64.into()));
        self.control.change(match stays {
            Some(stays) => update.when(stays),
            None => update,
        })
    }

    /// Writes a change and what it does to the number of lasting admin keys. False
    /// when the key is no longer as it was read.
    pub(super) async fn change(
        &self,
        by: &Caller,
        action: &str,
        key: &KeyRecord,
        details: &Value,
        change: Change,
    ) -> Result<bool> {
        let mut writes = change.writes;
        writes.push(self.trail.entry(by, action, format!("api-key:{}", key.id), details)?);
        let guarded = writes.len();
        if let Some(more) = change.lasting_admins {
            writes.push(self.count_admin(&by.tenant, more));
        }
        match self.control.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(true),
            Written::Refused(refusals) if refusals.iter().all(|r| r.at == guarded) => {
                let detail = "The last admin key that does not expire must stay";
                Err(Error::new(Kind::Conflict, detail))
            }
            Written::Refused(_) => Ok(false),
        }
    }
}

/// A change of a key.
pub(super) struct Change {
    /// Its writes, each refused if the key is no longer as it was read.
    pub writes: Vec<Write>,
    /// Whether there is a lasting admin key more or less afterwards.
    pub lasting_admins: Option<bool>,
}

/// That the record is as it was read.
pub(super) fn as_read(key: &KeyRecord) -> Cond {
    Cond::All(vec![
        Cond::Eq("current", key.current.as_str().into()),
        Cond::Eq("is_active", key.is_active.into()),
    ])
}

/// What is said when others kept interfering.
pub(super) fn interfered() -> Error {
    Error::new(Kind::Conflict, "The key was changed by somebody else at the same moment")
}
