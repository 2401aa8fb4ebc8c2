//! The model: a connection to another system, one row a connection in its tenant's
//! partition of them. Its credentials are in the vault.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::table::Key;
use shared::tenant::Tenant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::config::Config;

/// A connection's row in the table `integrations`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connection {
    pub(super) pk: String,
    /// Its id, a UUID that sorts by the time it was made.
    #[serde(rename = "sk")]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What kind of system it leads to.
    pub integration_type: IntegrationType,
    /// Where that is, without a slash at its end.
    pub endpoint_url: String,
    /// How calls are signed in there.
    pub authentication_type: AuthenticationType,
    /// The vault's record with its credentials; none where it needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) secrets: Option<String>,
    /// Its settings, as a JSON object's text: numbers in them need not fit the table's.
    pub(super) config: String,
    /// What its older clients map fields by, as a JSON object's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mapping_rules: Option<String>,
    /// Whether it is used.
    pub status: ConnectionStatus,
    /// When a synchronisation last ended well, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync: Option<i64>,
    /// What was last wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Whether anything was ever synchronised over it.
    #[serde(default)]
    pub(super) has_history: bool,
    pub(super) created_at: i64,
    /// When it was last changed, milliseconds since 1970.
    pub updated_at: i64,
    /// Which change of it this is, from 1.
    pub(super) version: i64,
}

/// The kinds of systems there are connections to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationType {
    /// 1C:ZUP.
    #[serde(rename = "1c")]
    OneC,
    /// A contact centre.
    ContactCenter,
    /// A directory. Nothing calls it over HTTP, so it cannot be tested.
    Ldap,
    /// A receiver of webhooks.
    Webhook,
    /// Pega.
    Pega,
    /// The Enjaz portal.
    Enjaz,
    /// A server that runs automations.
    AutomationServer,
    /// Any other that is called over HTTP: a tool, a language model.
    Http,
}

/// The ways of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationType {
    /// HTTP Basic.
    Basic,
    /// OAuth 2.0 with client credentials.
    Oauth,
    /// A key in the header `X-API-Key`.
    ApiKey,
    /// A fixed bearer token.
    Bearer,
    /// None.
    None,
}

/// What state a connection is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// It is used.
    Active,
    /// It is not used, or was not tried yet.
    Inactive,
    /// Its last test failed.
    Error,
}

impl Connection {
    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.id.clone() }
    }

    /// What its older clients map fields of this entity by: members and what each is called
    /// on the other side.
    pub fn renamed(&self, entity: &str) -> Vec<(String, String)> {
        let rules = self.mapping_rules.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let rules: Json = rules.unwrap_or_default();
        let names = rules.get(entity).and_then(Json::as_object).into_iter().flatten();
        names.filter_map(|(from, to)| Some((from.clone(), to.as_str()?.to_owned()))).collect()
    }

    /// Its settings.
    ///
    /// # Errors
    /// `Internal` when the row is not what was written.
    pub fn config(&self) -> Result<Config> {
        Config::parse(&self.config)
    }
}

impl IntegrationType {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneC => "1c",
            Self::ContactCenter => "contact_center",
            Self::Ldap => "ldap",
            Self::Webhook => "webhook",
            Self::Pega => "pega",
            Self::Enjaz => "enjaz",
            Self::AutomationServer => "automation_server",
            Self::Http => "http",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::OneC => "1C",
            Self::ContactCenter => "Contact Center",
            Self::Ldap => "LDAP",
            Self::Webhook => "Webhook",
            Self::Pega => "Pega",
            Self::Enjaz => "Enjaz",
            Self::AutomationServer => "Automation server",
            Self::Http => "HTTP",
        }
    }
}

impl ConnectionStatus {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Error => "error",
        }
    }
}

/// The partition of a tenant's connections.
pub(super) fn directory(tenant: &Tenant) -> String {
    tenant.pk("CONNECTIONS", "")
}

/// Where a connection is.
pub(super) fn connection_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: directory(tenant), sk: id.to_owned() }
}

/// An id as it is stored; none when the text cannot be one.
pub(super) fn canonical(id: &str) -> Option<String> {
    Uuid::try_parse(id).ok().map(|id| id.to_string())
}

/// The answer for a connection that is not there, or is another tenant's.
pub(super) fn unknown() -> Error {
    Error::not_found("Integration connection not found")
}
