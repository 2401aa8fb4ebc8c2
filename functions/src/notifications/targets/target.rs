//! The model: a target of notices. The address of a channel is a secret, which is in the
//! vault: whoever knows it can write there.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::Key;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use crate::messages::partition;

/// What the sort keys of targets begin with.
pub(in crate::notifications) const SORTED: &str = "TARGET#";

/// A target's row among those who listen to its tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target {
    pub(in crate::notifications) pk: String,
    pub(in crate::notifications) sk: String,
    pub(in crate::notifications) id: String,
    pub(in crate::notifications) name: String,
    #[serde(rename = "target_kind")]
    pub(in crate::notifications) kind: Kind,
    /// What is shown of its address.
    pub(in crate::notifications) shown: String,
    /// The vault's record with its address, if that is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) secret: Option<String>,
    /// Whom its mail is to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::notifications) recipients: Vec<String>,
    pub(in crate::notifications) is_active: bool,
    /// Why it was disabled, and when, if that was not a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) disabled: Option<Disabled>,
    pub(in crate::notifications) created_at: i64,
    pub(in crate::notifications) updated_at: i64,
    /// Which change of it this is, from 1.
    pub(in crate::notifications) version: i64,
}

/// What kind of target it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A channel of Slack, by an incoming webhook.
    Slack,
    /// A channel of Microsoft Teams, by a workflow.
    Teams,
    /// Mail.
    Email,
}

/// That a target was disabled without a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::notifications) struct Disabled {
    pub reason: String,
    /// Milliseconds since 1970.
    pub at: i64,
}

impl Target {
    /// Its key.
    pub(in crate::notifications) fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// Whose it is.
    pub(in crate::notifications) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a target outside every tenant"))
    }
}

/// The key of a tenant's target.
pub(in crate::notifications) fn target_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: partition(tenant), sk: format!("{SORTED}{id}") }
}
