//! An entry as it is shown, exported, and hashed.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::audit::Entry;
use shared::clock::timestamp;
use shared::error::{Error, Result};
use utoipa::ToSchema;

/// One entry of the audit trail. Its JSON, members in this order, is what the chain
/// hashes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryView {
    /// Sorts by time.
    pub id: String,
    /// When: UTC, with three decimals.
    pub timestamp: String,
    /// Who: `key:<number>`, `user:<subject>`, `source:<name>` or `operator`.
    pub actor: String,
    /// What was done, for example `api-key.create`.
    pub action: String,
    /// What it was done to, for example `api-key:5`.
    pub subject: String,
    /// What the request's answer named in `X-Correlation-ID`.
    pub correlation_id: String,
    /// What else is to be known of it.
    #[schema(value_type = Object)]
    pub details: Box<RawValue>,
}

impl EntryView {
    /// Shows an entry.
    pub fn of(entry: Entry) -> Result<Self> {
        Ok(Self {
            id: entry.sk,
            timestamp: to_the_millisecond(entry.at),
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
            correlation_id: entry.corr,
            details: RawValue::from_string(entry.details).map_err(Error::internal)?,
        })
    }
}

/// The moment in UTC, with three decimals.
pub(super) fn to_the_millisecond(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
