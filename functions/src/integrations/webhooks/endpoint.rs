//! The model: a webhook, an address that messages are delivered to. Its secrets are in
//! the vault.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::table::Key;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::schedule::Schedule;
use crate::messages::catalogue::{EventType, of_name};
use crate::messages::{partition, wants};

/// A webhook's row among those who listen to its tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    pub(super) pk: String,
    pub(super) sk: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
    /// `POST` or `PUT`.
    pub(super) method: String,
    /// By their names in lower case.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// Patterns of the types that it wants.
    pub(super) event_types: Vec<String>,
    /// What the data must be like, as a JSON object's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<String>,
    pub(super) timeout_seconds: u32,
    #[serde(flatten)]
    pub(super) schedule: Schedule,
    /// Deliveries a minute at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rate_limit: Option<u32>,
    /// Whether messages are delivered one after the other, in their order.
    #[serde(default)]
    pub(super) ordered: bool,
    pub(super) format: Format,
    pub(super) auth_type: AuthType,
    /// The vault's record with its secrets.
    pub(super) secrets: String,
    pub(super) is_active: bool,
    /// Why it was disabled, and when, if that was not a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) disabled: Option<Disabled>,
    /// Since when every attempt has failed, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failing_since: Option<i64>,
    /// When it was told of that it keeps failing, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) warned_at: Option<i64>,
    /// Since when messages were not taken or not sent, milliseconds since 1970, until one is
    /// taken again or what it missed is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) missed_since: Option<i64>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    /// Which change of it this is, from 1.
    pub(super) version: i64,
}

/// That a webhook was disabled without a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Disabled {
    pub(super) reason: String,
    /// Milliseconds since 1970.
    pub(super) at: i64,
}

/// What the body of a delivery looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `event_type`, `payload`, `event_data` (the same), `delivery_id`, `webhook_id`,
    /// `timestamp`.
    #[default]
    Flat,
    /// `type`, `timestamp`, `data`, as Standard Webhooks advises.
    Standard,
    /// A structured CloudEvent 1.0.
    Cloudevents,
}

/// How deliveries authenticate beside their signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthType {
    /// Not.
    #[default]
    None,
    /// HTTP Basic.
    Basic,
    /// A bearer token.
    Bearer,
    /// The header `X-API-Key`.
    ApiKey,
}

impl Endpoint {
    /// Whether a message is for it.
    pub fn wants(&self, kind: EventType, data: &Json) -> bool {
        self.is_active && self.names(kind) && wants::lets_through(self.filter.as_deref(), data)
    }

    /// Whether its patterns name a type.
    pub fn names(&self, kind: EventType) -> bool {
        wants::names(&self.event_types, kind)
    }

    /// Whether one of its patterns is this text, or names the type of this name.
    pub(super) fn hears_of(&self, name: &str) -> bool {
        let named = of_name(name).is_some_and(|kind| self.names(kind));
        named || self.event_types.iter().any(|pattern| pattern == name)
    }

    /// Whether messages are sent there.
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    /// Whose it is.
    pub fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a webhook outside every tenant"))
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }
}

/// The key of a tenant's webhook.
pub fn endpoint_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: partition(tenant), sk: format!("{SORTED}{id}") }
}

/// What the sort keys of webhooks begin with.
pub const SORTED: &str = "WEBHOOK#";
