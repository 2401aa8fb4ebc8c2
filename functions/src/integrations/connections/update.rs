//! Use case: change a connection. What is not named stays as it is.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};
use shared::web::{Caller, Changes};
use utoipa::ToSchema;

use super::Connections;
use super::client::breaker_name;
use super::config::Config;
use super::create::{fits, name, rules};
use super::credentials::NewCredentials;
use super::model::{AuthenticationType, Connection, ConnectionStatus, IntegrationType};
use super::store::{Change, described};
use crate::messages::catalogue::CONNECTION_UPDATED;

/// What is to change. A member that is not given stays as it is; `credentials`,
/// `config` and `mapping_rules` replace the whole of what was there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionUpdate {
    /// What people call it.
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    /// Where the system is.
    #[schema(max_length = 2048)]
    endpoint_url: Option<String>,
    /// As it is: it cannot be changed.
    integration_type: Option<IntegrationType>,
    /// As it is: it cannot be changed.
    authentication_type: Option<AuthenticationType>,
    /// What it signs in with.
    credentials: Option<NewCredentials>,
    /// Its settings, as at creation.
    #[schema(value_type = Option<Object>)]
    config: Option<Map<String, Json>>,
    /// What fields are called over there.
    #[schema(value_type = Option<Object>)]
    mapping_rules: Option<Map<String, Json>>,
    /// Whether it is used.
    status: Option<ConnectionStatus>,
}

impl Changes for ConnectionUpdate {
    const SHOWN_ONLY: &'static [&'static str] =
        &["id", "last_sync", "last_error", "organization_id", "created_at", "updated_at"];
}

impl Connections {
    /// Changes a connection. New credentials and a new address take effect with the next
    /// call, and are not held up by what failed with the old ones.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the member; `Conflict` when somebody else changed it
    /// at the same moment.
    pub(super) async fn update(
        &self,
        by: &Caller,
        id: &str,
        asked: ConnectionUpdate,
    ) -> Result<Connection> {
        let old = self.find(&by.tenant, id).await?;
        let (mut new, changed) = self.changed(&old, &asked).await?;
        if let Some(given) = asked.credentials {
            let credentials = given.check(old.authentication_type, &self.targets).await?;
            new.secrets = self.keep(&by.tenant, &old.id, credentials.as_ref()).await?;
        }
        let written = self.write_changed(by, &old, &new, &changed).await;
        if new.secrets != old.secrets {
            let unused = match &written {
                Ok(()) => &old.secrets,
                Err(error) if error.leaves_it_open() => &None,
                Err(_) => &new.secrets,
            };
            self.forget(&by.tenant, unused.as_deref()).await;
        }
        written.map(|()| new)
    }

    /// The connection as it is to be, except for its credentials, and which members change.
    async fn changed(
        &self,
        old: &Connection,
        asked: &ConnectionUpdate,
    ) -> Result<(Connection, Vec<&'static str>)> {
        let same = [
            (
                "integration_type",
                asked.integration_type.is_none_or(|of| of == old.integration_type),
            ),
            (
                "authentication_type",
                asked.authentication_type.is_none_or(|of| of == old.authentication_type),
            ),
        ];
        if let Some((field, _)) = same.iter().find(|(_, same)| !same) {
            return Err(Error::invalid(field, "cannot be changed; make another connection"));
        }
        let (mut new, mut changed) = (old.clone(), Vec::new());
        if let Some(given) = &asked.name {
            new.name = name(given)?;
            changed.push("name");
        }
        if let Some(url) = &asked.endpoint_url {
            new.endpoint_url = self.endpoint(old.integration_type, url).await?;
            changed.push("endpoint_url");
        }
        if asked.credentials.is_some() {
            changed.push("credentials");
        }
        if let Some(config) = &asked.config {
            let config = Config::read(config.clone())?;
            fits(old.integration_type, &new.endpoint_url, &config)?;
            new.config = Json::Object(config.shown()).to_string();
            changed.push("config");
        }
        if let Some(given) = &asked.mapping_rules {
            new.mapping_rules = Some(rules(given.clone())?);
            changed.push("mapping_rules");
        }
        if let Some(status) = asked.status {
            new.status = status;
            changed.push("status");
            if status == ConnectionStatus::Active {
                new.last_error = None;
            }
        }
        new.updated_at = self.clock.now_ms();
        Ok((new, changed))
    }

    async fn write_changed(
        &self,
        by: &Caller,
        old: &Connection,
        new: &Connection,
        changed: &[&str],
    ) -> Result<()> {
        let mut data = described(new);
        data["changed"] = json!(changed);
        let (mut messages, mut writes) =
            (vec![(CONNECTION_UPDATED, data)], vec![self.rewrite(old, new)]);
        if let Some((message, item)) = self.moved(by, old.status, new)? {
            messages.push(message);
            writes.push(item);
        }
        if new.endpoint_url != old.endpoint_url || new.secrets != old.secrets {
            writes.push(self.breakers.reset(&by.tenant, &breaker_name(&old.id)));
        }
        let details = json!({ "changed": changed, "status": new.status });
        let action = "connection.update";
        self.change(by, Change { action, details, connection: new, messages, writes }).await
    }
}
