//! Use cases' common ground: where connections are kept, and how they change.

use serde_json::{Value as Json, json};
use shared::audit::Trail;
use shared::breaker::Breakers;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::outbound::Targets;
use shared::table::{Cond, Read, Table, Update, Write, Written};
use shared::tenant::Tenant;
use shared::vault::Cached;
use shared::web::Caller;

use super::client::Connectors;
use super::credentials::Credentials;
use super::mappings::Samples;
use super::model::{Connection, ConnectionStatus, canonical, connection_key, unknown};
use super::sync_logs::SyncLogs;
use super::uptime::Uptime;
use crate::messages::Emitter;
use crate::messages::catalogue::{CONNECTION_STATUS_CHANGED, EventType};

/// The use cases of connections. Cheap to clone.
#[derive(Clone)]
pub struct Connections {
    pub(super) table: Table,
    pub(super) trail: Trail,
    pub(super) vault: Cached,
    pub(super) emitter: Emitter,
    pub(super) connectors: Connectors,
    pub(super) breakers: Breakers,
    pub(super) logs: SyncLogs,
    pub(super) samples: Samples,
    pub(super) targets: Targets,
    pub(super) clock: Clock,
    /// When this process began, milliseconds since 1970.
    pub(super) started: i64,
}

/// A change of a connection on its way into the table.
pub(super) struct Change<'a> {
    /// What the audit trail calls it.
    pub action: &'static str,
    /// What the trail is told of it; holds no secret.
    pub details: Json,
    /// The connection as it is then, or was last.
    pub connection: &'a Connection,
    /// The messages that tell of it.
    pub messages: Vec<(EventType, Json)>,
    /// The writes that make it.
    pub writes: Vec<Write>,
}

impl Connections {
    /// Needs the tables `integrations`, `messages`, `control` and `audit`, the queues of
    /// messages, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        let clock = env.clock();
        let connectors = Connectors::load(env)?;
        Ok(Self {
            table: env.table("INTEGRATIONS_TABLE")?,
            trail: Trail::load(env)?,
            vault: env.vault(),
            emitter: Emitter::load(env)?,
            breakers: connectors.breakers(),
            connectors,
            logs: SyncLogs::load(env)?,
            samples: Samples::load(env)?,
            targets: env.targets()?,
            started: clock.now_ms(),
            clock,
        })
    }

    /// What opens its connections.
    pub fn connectors(&self) -> &Connectors {
        &self.connectors
    }

    /// One connection.
    ///
    /// # Errors
    /// `NotFound`, for an id that can be none as well.
    pub async fn find(&self, tenant: &Tenant, id: &str) -> Result<Connection> {
        find(&self.table, tenant, id).await
    }

    /// Makes a change together with its entry in the audit trail and the messages that
    /// tell of it, unless the connection's settings say that none do.
    ///
    /// # Errors
    /// `Conflict` when somebody else changed the connection at the same moment.
    pub(super) async fn change(&self, by: &Caller, change: Change<'_>) -> Result<()> {
        let Change { action, details, connection, messages, mut writes } = change;
        let subject = format!("connection:{}", connection.id);
        writes.push(self.trail.entry(by, action, subject, &details)?);
        let mut emissions = Vec::new();
        if connection.config()?.enable_webhooks {
            for (kind, data) in messages {
                let mut emission = self.emitter.prepare(&by.tenant, kind, &data).await?;
                writes.extend(emission.take_writes());
                emissions.push(emission);
            }
        }
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {}
            Written::Refused(_) => return Err(Error::new(Kind::Conflict, INTERFERED)),
        }
        for emission in emissions {
            self.emitter.announce(emission).await;
        }
        Ok(())
    }

    /// The change of a connection's row since it was read as `old`. Attributes that other
    /// use cases write, such as its last synchronisation, stay as they are.
    pub(super) fn rewrite(&self, old: &Connection, new: &Connection) -> Write {
        self.table.change(Self::rewritten(old, new))
    }

    /// As [`Connections::rewrite`], to be written with more of the same row.
    pub(super) fn rewritten(old: &Connection, new: &Connection) -> Update {
        let text = |text: &str| Some(text.to_owned().into());
        let update = Update::of(old.key())
            .set("name", new.name.as_str())
            .set("endpoint_url", new.endpoint_url.as_str())
            .set("config", new.config.as_str())
            .set("status", new.status.name())
            .assign("secrets", new.secrets.as_deref().and_then(text))
            .assign("mapping_rules", new.mapping_rules.as_deref().and_then(text))
            .assign("last_error", new.last_error.as_deref().and_then(text))
            .set("updated_at", new.updated_at)
            .set("version", old.version + 1);
        update.when(Cond::Eq("version", old.version.into()))
    }

    /// What tells that a connection is in another status, if it is: the message and the
    /// item of its history.
    pub(super) fn moved(
        &self,
        by: &Caller,
        was: ConnectionStatus,
        new: &Connection,
    ) -> Result<Option<((EventType, Json), Write)>> {
        if was == new.status {
            return Ok(None);
        }
        let mut data = described(new);
        data["previous_status"] = json!(was);
        data["last_error"] = json!(new.last_error);
        let uptime = Uptime::new(&by.tenant, &new.id, self.clock.now_ms(), Some(was), new.status);
        Ok(Some(((CONNECTION_STATUS_CHANGED, data), uptime.write(&self.table)?)))
    }

    /// Keeps credentials in the vault under a new name, and answers that name.
    pub(super) async fn keep(
        &self,
        tenant: &Tenant,
        id: &str,
        credentials: Option<&Credentials>,
    ) -> Result<Option<String>> {
        let Some(credentials) = credentials else { return Ok(None) };
        let below = format!("connections/{id}");
        let record = self.vault.keep_anew(tenant, &below, &credentials.text()?).await?;
        Ok(Some(record))
    }

    /// Removes credentials that nothing points at any more.
    pub(super) async fn forget(&self, tenant: &Tenant, record: Option<&str>) {
        if let Some(record) = record {
            self.vault.discard(tenant, record).await;
        }
    }
}

/// One connection.
///
/// # Errors
/// `NotFound`, for an id that can be none as well.
pub async fn find(table: &Table, tenant: &Tenant, id: &str) -> Result<Connection> {
    let id = canonical(id).ok_or_else(unknown)?;
    let found = table.get(&connection_key(tenant, &id), Read::Consistent).await?;
    found.ok_or_else(unknown)
}

/// What messages tell of a connection.
pub(super) fn described(connection: &Connection) -> Json {
    json!({
        "connection_id": connection.id,
        "name": connection.name,
        "integration_type": connection.integration_type,
        "status": connection.status,
    })
}

/// What is said when somebody else was faster.
pub(super) const INTERFERED: &str =
    "The connection was changed by somebody else at the same moment";
