//! What a caller is shown of themselves.

use serde::Serialize;
use shared::web::{Caller, to_the_second};
use utoipa::ToSchema;

use crate::access::keys::KeyRecord;
use crate::access::permission::{ADMIN, Role};
use crate::access::usage::{Total, Week};

/// How many endpoints the statistics name.
const TOP: usize = 10;

/// The answer to a valid credential.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verified {
    /// Always `valid`.
    status: &'static str,
    message: &'static str,
    key_info: KeyInfo,
}

/// A credential in short.
#[derive(Debug, Serialize, ToSchema)]
struct KeyInfo {
    /// The key's number; null for a token.
    id: Option<i64>,
    name: String,
    role: Role,
    usage_count: i64,
    last_used_at: Option<String>,
    is_active: bool,
}

/// Who calls.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The key's number; null for a token.
    id: Option<i64>,
    /// The key's name, or the token's subject.
    name: String,
    description: Option<String>,
    role: Role,
    is_active: bool,
    last_used_at: Option<String>,
    /// When the key was made; null for a token.
    created_at: Option<String>,
    updated_at: Option<String>,
    expires_at: Option<String>,
    /// The tenant whose data is seen.
    tenant: String,
    /// What the caller is called in the records.
    actor: String,
    /// What they may do.
    permissions: Vec<&'static str>,
}

/// How much a caller used.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageStats {
    /// The key's number; null for a token.
    key_id: Option<i64>,
    /// All requests there ever were.
    usage_count: i64,
    last_used_at: Option<String>,
    /// Requests of this day (UTC).
    daily_usage: i64,
    /// Requests of this day and the six before.
    weekly_usage: i64,
    /// The ten endpoints with the most requests of the week, the busiest first.
    top_endpoints: Vec<EndpointUsage>,
}

/// How much of one endpoint.
#[derive(Debug, Serialize, ToSchema)]
struct EndpointUsage {
    /// Method and route.
    endpoint: String,
    count: i64,
}

impl Verified {
    /// Of a caller whose key, if it is one, has this record.
    pub(super) fn of(caller: &Caller, key: Option<&KeyRecord>, used: Total) -> Self {
        let message = if key.is_some() { "API key is valid" } else { "Token is valid" };
        let key_info = KeyInfo {
            id: key.map(|key| key.id),
            name: name(caller, key),
            role: role(caller),
            usage_count: used.count,
            last_used_at: used.last.map(to_the_second),
            is_active: true,
        };
        Self { status: "valid", message, key_info }
    }
}

impl Me {
    /// Of a caller whose key, if it is one, has this record.
    pub(super) fn of(caller: &Caller, key: Option<&KeyRecord>, used: Total) -> Self {
        Self {
            id: key.map(|key| key.id),
            name: name(caller, key),
            description: key.and_then(|key| key.description.clone()),
            role: role(caller),
            is_active: true,
            last_used_at: used.last.map(to_the_second),
            created_at: key.map(|key| to_the_second(key.created_at)),
            updated_at: key.map(|key| to_the_second(key.updated_at)),
            expires_at: key.and_then(|key| key.until).map(to_the_second),
            tenant: caller.tenant.to_string(),
            actor: caller.actor.clone(),
            permissions: caller.permissions.names(),
        }
    }
}

impl UsageStats {
    /// Of the key of this number, if it is one.
    pub(super) fn of(key_id: Option<i64>, used: Total, week: Week) -> Self {
        let endpoints = week.endpoints.into_iter();
        let mut top: Vec<_> =
            endpoints.map(|(endpoint, count)| EndpointUsage { endpoint, count }).collect();
        top.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.endpoint.cmp(&b.endpoint)));
        top.truncate(TOP);
        Self {
            key_id,
            usage_count: used.count,
            last_used_at: used.last.map(to_the_second),
            daily_usage: week.today,
            weekly_usage: week.week,
            top_endpoints: top,
        }
    }
}

fn name(caller: &Caller, key: Option<&KeyRecord>) -> String {
    let subject = caller.actor.split_once(':').map_or(&*caller.actor, |(_, subject)| subject);
    key.map_or(subject, |key| &key.name).to_owned()
}

fn role(caller: &Caller) -> Role {
    if caller.permissions.allow(ADMIN) { Role::Admin } else { Role::User }
}
