//! Use case: replace the settings of a connector's connection, which leaves a sync log.

use serde_json::{Map, Value as Json, json};
use shared::error::Result;
use shared::web::{Caller, to_the_millisecond};

use super::Connections;
use super::config::Config;
use super::create::fits;
use super::model::{Connection, IntegrationType};
use super::store::{Change, described};
use super::sync_logs::Records;
use super::sync_types::{Direction, SyncType};
use crate::integrations::answer::IntegrationResponse;
use crate::messages::catalogue::CONNECTION_UPDATED;

impl Connections {
    /// Replaces the settings of the connection of this type: the named one, or the only one.
    ///
    /// # Errors
    /// As [`Connections::configured`]; `Invalid`, naming the member; `Conflict` when somebody
    /// else changed it meanwhile.
    pub async fn configure(
        &self,
        by: &Caller,
        of: IntegrationType,
        named: Option<&str>,
        given: Map<String, Json>,
    ) -> Result<IntegrationResponse> {
        let old = self.configured(&by.tenant, of, named).await?;
        let config = Config::read(given)?;
        fits(of, &old.endpoint_url, &config)?;
        let shown = Json::Object(config.shown());
        let (config, updated_at) = (shown.to_string(), self.clock.now_ms());
        let new = Connection { config, updated_at, ..old.clone() };
        self.write_configured(by, &old, &new).await?;
        let data = json!({ "connection_id": new.id, "config": shown,
            "updated_at": to_the_millisecond(updated_at) });
        let message = format!("{} configuration updated successfully", of.title());
        Ok(IntegrationResponse::done(message, data, &self.clock, &by.corr))
    }

    async fn write_configured(
        &self,
        by: &Caller,
        old: &Connection,
        new: &Connection,
    ) -> Result<()> {
        let of = (SyncType::ConfigUpdate, Direction::Outbound);
        let (log, mut writes) = self.logs.over(&by.tenant, old, of, Records::default(), None)?;
        // The log's own change of the connection is part of this one.
        let update = Self::rewritten(old, new).set("has_history", true);
        writes.push(self.table.change(update));
        let mut data = described(new);
        data["changed"] = json!(["config"]);
        let details = json!({ "changed": ["config"], "sync_log_id": log.id });
        let (action, connection) = ("connection.configure", new);
        let messages = vec![(CONNECTION_UPDATED, data)];
        self.change(by, Change { action, details, connection, messages, writes }).await
    }
}
