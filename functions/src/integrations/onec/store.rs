//! Use cases' common ground: what they rest on, which 1C is meant, and how something that was
//! sent to it ends in a sync log, its messages and its entry in the audit trail.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Table, Update, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::client::Client;
use crate::integrations::connections::{
    Connection, Connections, Direction, IntegrationType, Records, SyncLogs, SyncType,
};
use crate::messages::Emitter;
use crate::messages::catalogue::EventType;

/// How long calls are begun in one request: what is left of API Gateway's 29 seconds is for
/// those under way, so that a slow answer is not a lost one.
pub(super) const BEGIN_WITHIN: Duration = Duration::from_secs(10);

/// The use cases of 1C. Cheap to clone.
#[derive(Clone)]
pub struct OneC {
    pub(super) table: Table,
    pub(super) connections: Connections,
    pub(super) logs: SyncLogs,
    pub(super) trail: Trail,
    pub(super) emitter: Emitter,
    pub(super) clock: Clock,
}

/// Something that was sent to 1C and is over.
pub(super) struct Over {
    /// What was sent.
    pub sync_type: SyncType,
    /// What came of it.
    pub records: Records,
    /// What went wrong.
    pub error: Option<String>,
    /// The types of the messages that tell of it.
    pub messages: [EventType; 2],
    /// What they and the trail tell, an object.
    pub told: Json,
    /// What the trail calls it, unless it has entries already.
    pub action: Option<&'static str>,
}

impl OneC {
    /// Needs the tables `workforce`, `integrations`, `messages`, `control` and `audit`, the
    /// queues of messages, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            table: env.table("WORKFORCE_TABLE")?,
            connections: Connections::load(env)?,
            logs: SyncLogs::load(env)?,
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            clock: env.clock(),
        })
    }

    /// The connection that is in use: the named one, or the only one.
    pub(super) async fn connection(&self, of: &Tenant, named: Option<&str>) -> Result<Connection> {
        self.connections.chosen(of, IntegrationType::OneC, named).await
    }

    /// The connection, in use or not: what was sent over one can be looked up while it is not.
    pub(super) async fn configured(&self, of: &Tenant, named: Option<&str>) -> Result<Connection> {
        self.connections.configured(of, IntegrationType::OneC, named).await
    }

    /// The connection that is in use, and the 1C that it leads to.
    pub(super) async fn client(
        &self,
        tenant: &Tenant,
        named: Option<&str>,
    ) -> Result<(Connection, Client)> {
        let connection = self.connection(tenant, named).await?;
        let client = Client::open(self.connections.connectors(), tenant, &connection).await?;
        Ok((connection, client))
    }

    /// Keeps that something is over, and answers its sync log's id.
    ///
    /// # Errors
    /// `Conflict` when the connection was removed meanwhile.
    pub(super) async fn over(
        &self,
        by: &Caller,
        connection: &Connection,
        over: Over,
    ) -> Result<String> {
        let Over { sync_type, records, error, messages, mut told, action } = over;
        let of = (sync_type, Direction::Outbound);
        let (log, mut writes) =
            self.logs.over(&by.tenant, connection, of, records, error.as_deref())?;
        let kept = Update::of(connection.key()).set("has_history", true);
        let kept = match error {
            None => kept.set("last_sync", self.clock.now_ms()),
            Some(_) => kept,
        };
        writes.push(self.logs.of_connection(kept.when(Cond::Present("pk"))));
        told["connection_id"] = json!(connection.id);
        told["sync_log_id"] = json!(log.id);
        if let Some(action) = action {
            let subject = format!("connection:{}", connection.id);
            writes.push(self.trail.entry(by, action, subject, &told)?);
        }
        let mut emissions = Vec::new();
        if records.successful > 0 && connection.config()?.enable_webhooks {
            for kind in messages {
                let mut emission = self.emitter.prepare(&by.tenant, kind, &told).await?;
                writes.extend(emission.take_writes());
                emissions.push(emission);
            }
        }
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {}
            Written::Refused(_) => {
                return Err(Error::new(Kind::Conflict, "The connection was removed meanwhile"));
            }
        }
        for emission in emissions {
            self.emitter.announce(emission).await;
        }
        Ok(log.id)
    }
}

/// What is told of something for which no time was left; nothing of it was sent.
pub(super) fn no_time() -> Error {
    let mut error = Error::new(Kind::Unavailable, "Not sent: no time was left; please repeat");
    error.retry_after = Some(Duration::from_secs(1));
    error
}
