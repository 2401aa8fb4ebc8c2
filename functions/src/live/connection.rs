//! The model: a connection as stored. A tenant's connections are one partition, so that
//! a message finds them with one query; beside that, each has a row that tells whose it
//! is, since a frame tells no more than its connection.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Query, Read, Table, Update, Value, Write, Written};
use shared::tenant::Tenant;
use shared::web::{Caller, Standing};

/// How long a socket may be open, in seconds: API Gateway's two hours.
const LASTS_SECONDS: i64 = 2 * 3600;

/// A connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Connection {
    pk: String,
    /// Its id.
    pub sk: String,
    /// Who opened it.
    pub actor: String,
    /// What they may do as long as a token is all there is to ask.
    pub permissions: Vec<String>,
    /// What let them in.
    pub standing: Standing,
    /// Patterns of what it watches.
    pub topics: Vec<String>,
    /// How often that was changed.
    pub changes: i64,
    /// When it ends at the latest, in seconds since 1970.
    pub expires_at: i64,
}

/// Tells whose a connection is.
#[derive(Serialize, Deserialize)]
struct Owner {
    pk: String,
    sk: String,
    tenant: Tenant,
    expires_at: i64,
}

impl Connection {
    /// A connection of this caller, opened now, that watches nothing yet.
    pub fn new(id: &str, by: &Caller, now: i64) -> Self {
        let Key { pk, sk } = connection_key(&by.tenant, id);
        let permissions = by.permissions.names().into_iter().map(str::to_owned).collect();
        Self {
            pk,
            sk,
            actor: by.actor.clone(),
            permissions,
            standing: by.standing.clone(),
            topics: Vec::new(),
            changes: 0,
            expires_at: now / 1000 + LASTS_SECONDS,
        }
    }

    /// The writes that store it, if there is none of its id.
    pub fn create(&self, messages: &Table, tenant: &Tenant) -> Result<[Write; 2]> {
        let Key { pk, sk } = owner_key(&self.sk);
        let owner = Owner { pk, sk, tenant: tenant.clone(), expires_at: self.expires_at };
        let absent = || Some(Cond::Absent("pk"));
        Ok([messages.put(Item::of(self)?, absent()), messages.put(Item::of(&owner)?, absent())])
    }

    /// Has it watch these, if it watches what it did when it was read. Whether it was so.
    pub async fn watch(&mut self, messages: &Table, topics: Vec<String>) -> Result<bool> {
        let key = Key { pk: self.pk.clone(), sk: self.sk.clone() };
        let update = Update::of(key)
            .set("topics", Value::of(&topics)?)
            .add("changes", 1)
            .when(Cond::Eq("changes", self.changes.into()));
        let written = messages.update(update).await?;
        (self.topics, self.changes) = (topics, self.changes + 1);
        Ok(matches!(written, Written::Done))
    }

    /// Whether it may still be open.
    pub fn is_open_at(&self, now: i64) -> bool {
        now / 1000 < self.expires_at
    }
}

/// Whose a connection is; none when there is no such connection.
pub(super) async fn owner(messages: &Table, id: &str) -> Result<Option<Tenant>> {
    let owner: Option<Owner> = messages.get(&owner_key(id), Read::Consistent).await?;
    Ok(owner.map(|owner| owner.tenant))
}

/// A tenant's connection.
pub(super) async fn find(table: &Table, tenant: &Tenant, id: &str) -> Result<Option<Connection>> {
    table.get(&connection_key(tenant, id), Read::Consistent).await
}

/// All of a tenant's connections.
pub(super) async fn all(messages: &Table, tenant: &Tenant) -> Result<Vec<Connection>> {
    messages.query_all(Query::partition(&partition(tenant))).await
}

/// Removes a connection; one that is not there is no failure.
pub(super) async fn remove(messages: &Table, tenant: &Tenant, id: &str) -> Result<()> {
    let keys = [connection_key(tenant, id), owner_key(id)];
    let writes = keys.map(|key| messages.delete(key, None));
    match messages.transact(&ids::time_ordered(), writes.into()).await? {
        Written::Done => Ok(()),
        Written::Refused(_) => Err(Error::bug("a deletion without a condition was refused")),
    }
}

fn partition(tenant: &Tenant) -> String {
    tenant.pk("SOCKETS", "")
}

fn connection_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: partition(tenant), sk: id.to_owned() }
}

/// A frame tells no tenant, so this key starts with none.
fn owner_key(id: &str) -> Key {
    Key::alone(format!("SOCKET#{id}"))
}
