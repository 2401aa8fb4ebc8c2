//! A connection that the operator gave this process, and that is stored nowhere: it leads
//! where the operator wants, private networks included.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;
use shared::error::Result;
use shared::ids;
use shared::tenant::Tenant;

use super::super::config::Config;
use super::super::model::{
    AuthenticationType, Connection, ConnectionStatus, IntegrationType, directory,
};
use super::{Connector, Connectors, Credentials};

/// What the operator says of it.
pub struct Given {
    /// What its circuit breaker and the log call it.
    pub name: &'static str,
    /// What kind of system it leads to.
    pub integration_type: IntegrationType,
    /// Where that is, without a slash at its end.
    pub url: String,
    /// What it signs in with.
    pub credentials: Arc<Credentials>,
    /// How long one attempt at a call may take.
    pub timeout: Duration,
}

impl Connectors {
    /// Opens a connection that the operator gave to this tenant. No call over it is tried
    /// again here.
    pub fn open_given(&self, tenant: &Tenant, given: Given) -> Result<Connector> {
        let timeout_seconds = u32::try_from(given.timeout.as_secs()).unwrap_or(u32::MAX);
        let config = Config { retry_attempts: 0, timeout_seconds, ..Config::read(Map::new())? };
        // Other credentials have another name, so that no token outlives those it was got with.
        let text = given.credentials.text()?;
        let name = ids::derived(shared::vault::ExposeSecret::expose_secret(&text));
        let connection = Connection {
            pk: directory(tenant),
            id: given.name.to_owned(),
            name: given.name.to_owned(),
            integration_type: given.integration_type,
            endpoint_url: given.url,
            authentication_type: AuthenticationType::None,
            secrets: Some(name),
            config: serde_json::Value::Object(config.shown()).to_string(),
            mapping_rules: None,
            status: ConnectionStatus::Active,
            last_sync: None,
            last_error: None,
            has_history: false,
            created_at: 0,
            updated_at: 0,
            version: 0,
        };
        Ok(Connector {
            connectors: self.clone(),
            outbound: self.unguarded.clone(),
            tenant: tenant.clone(),
            altogether: given.timeout,
            connection,
            config,
            credentials: Some(given.credentials),
        })
    }
}
