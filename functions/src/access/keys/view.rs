//! A key as it is shown.

use serde::Serialize;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::model::KeyRecord;
use crate::access::permission::Role;
use crate::access::usage::Total;

/// An API key, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyView {
    /// Its number.
    id: i64,
    name: String,
    description: Option<String>,
    role: Role,
    /// The only permissions of the role that it has; null for all of them.
    permissions: Option<Vec<String>>,
    /// How its text begins.
    key_prefix: String,
    is_active: bool,
    /// From when on it is not valid: UTC, to the second.
    expires_at: Option<String>,
    /// Requests a minute, when it is not what the installation grants everybody.
    rate_limit_per_minute: Option<u32>,
    created_at: String,
    updated_at: String,
    /// When a request last came with it.
    last_used_at: Option<String>,
    /// How many requests came with it.
    usage_count: i64,
}

/// A new API key, or one with a new text.
#[derive(Serialize, ToSchema)]
pub struct NewKeyView {
    #[serde(flatten)]
    view: KeyView,
    /// Its text; shown this once.
    key: String,
}

impl KeyView {
    /// Shows a key and how much it was used.
    pub(super) fn of(key: KeyRecord, used: Total) -> Self {
        Self {
            id: key.id,
            name: key.name,
            description: key.description,
            role: key.role,
            permissions: key.permissions,
            key_prefix: format!("pd_{}", key.current),
            is_active: key.is_active,
            expires_at: key.until.map(to_the_second),
            rate_limit_per_minute: key.rate_limit,
            created_at: to_the_second(key.created_at),
            updated_at: to_the_second(key.updated_at),
            last_used_at: used.last.map(to_the_second),
            usage_count: used.count,
        }
    }

    /// With its text.
    pub(super) fn with_text(self, text: &str) -> NewKeyView {
        NewKeyView { view: self, key: text.to_owned() }
    }
}
