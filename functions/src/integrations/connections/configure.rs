//! Use case: replace the settings of a connector's connection, which leaves a sync log.

use serde_json::{Map, Value as Json, json};
use shared::error::Result;
use shared::web::Caller;

use super::Connections;
use super::config::Config;
use super::create::fits;
use super::model::Connection;
use super::store::{Change, described};
use super::sync_logs::{Direction, Records, SyncType};
use crate::messages::catalogue::CONNECTION_UPDATED;

impl Connections {
    /// Replaces the settings of a connection that was just read.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `Conflict` when somebody else changed it meanwhile.
    pub async fn configure(
        &self,
        by: &Caller,
        old: &Connection,
        given: Map<String, Json>,
    ) -> Result<Connection> {
        let config = Config::read(given)?;
        fits(old.integration_type, &old.endpoint_url, &config)?;
        let config = Json::Object(config.shown()).to_string();
        let new = Connection { config, updated_at: self.clock.now_ms(), ..old.clone() };
        let of = (SyncType::ConfigUpdate, Direction::Outbound);
        let (log, mut writes) = self.logs.over(&by.tenant, old, of, Records::default(), None)?;
        // The log's own change of the connection is part of this one.
        let update = Self::rewritten(old, &new).set("has_history", true);
        writes.push(self.table.change(update));
        let mut data = described(&new);
        data["changed"] = json!(["config"]);
        let details = json!({ "changed": ["config"], "sync_log_id": log.id });
        let (action, connection) = ("connection.configure", &new);
        let messages = vec![(CONNECTION_UPDATED, data)];
        self.change(by, Change { action, details, connection, messages, writes }).await?;
        Ok(new)
    }
}
