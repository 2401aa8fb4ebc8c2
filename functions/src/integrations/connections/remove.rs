//! Use case: delete a connection. One over which something was synchronised stays, out
//! of use, so that its logs still belong to something.

use serde::Serialize;
use serde_json::json;
use shared::error::Result;
use shared::table::Cond;
use shared::web::Caller;

use super::Connections;
use super::client::breaker_name;
use super::model::{Connection, ConnectionStatus};
use super::store::{Change, described};
use crate::messages::catalogue::CONNECTION_DELETED;

/// What became of a connection that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// It is gone, with its credentials and mappings.
    Deleted,
    /// It has logs, and is out of use.
    Deactivated,
}

impl Removal {
    /// What is told of it.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Deleted => "Integration connection deleted successfully",
            Self::Deactivated => "Integration connection deactivated (has sync history)",
        }
    }
}

impl Connections {
    /// Deletes a connection, or deactivates it. Answers its id and which.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when somebody else changed it at the same moment.
    pub(super) async fn remove(&self, by: &Caller, id: &str) -> Result<(String, Removal)> {
        let connection = self.find(&by.tenant, id).await?;
        if connection.has_history {
            self.deactivate(by, &connection).await?;
            return Ok((connection.id, Removal::Deactivated));
        }
        // A synchronisation that starts in this moment says so on the row.
        let as_read = Cond::All(vec![
            Cond::Eq("version", connection.version.into()),
            Cond::Eq("has_history", false.into()),
        ]);
        let change = Change {
            action: "connection.delete",
            details: json!({ "name": connection.name, "action": Removal::Deleted }),
            connection: &connection,
            messages: vec![(CONNECTION_DELETED, told(&connection, Removal::Deleted))],
            writes: vec![
                self.table.delete(connection.key(), Some(as_read)),
                self.breakers.reset(&by.tenant, &breaker_name(&connection.id)),
            ],
        };
        self.change(by, change).await?;
        self.forget(&by.tenant, connection.secrets.as_deref()).await;
        self.clear_mappings(&by.tenant, &connection.id).await;
        Ok((connection.id, Removal::Deleted))
    }

    async fn deactivate(&self, by: &Caller, old: &Connection) -> Result<()> {
        let new = Connection {
            status: ConnectionStatus::Inactive,
            updated_at: self.clock.now_ms(),
            ..old.clone()
        };
        let mut messages = vec![(CONNECTION_DELETED, told(&new, Removal::Deactivated))];
        let mut writes = vec![self.rewrite(old, &new)];
        if let Some((message, item)) = self.moved(by, old.status, &new)? {
            messages.push(message);
            writes.push(item);
        }
        let details = json!({ "name": new.name, "action": Removal::Deactivated });
        let (action, connection) = ("connection.delete", &new);
        self.change(by, Change { action, details, connection, messages, writes }).await
    }
}

fn told(connection: &Connection, removal: Removal) -> serde_json::Value {
    let mut data = described(connection);
    data["action"] = json!(removal);
    data
}
