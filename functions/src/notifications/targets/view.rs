//! Targets as they are shown: without the secret that the address of a channel is.

use serde::Serialize;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::{Kind, Target};

/// A target.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetView {
    pub(in crate::notifications) id: String,
    name: String,
    kind: Kind,
    /// The host of a channel's address, or whom mail is to.
    address: String,
    /// Whom mail is to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    recipients: Vec<String>,
    is_active: bool,
    /// Why it was disabled, if that was not a person.
    disabled_reason: Option<String>,
    disabled_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<Target> for TargetView {
    fn from(target: Target) -> Self {
        let disabled_at = target.disabled.as_ref().map(|one| to_the_millisecond(one.at));
        Self {
            id: target.id,
            name: target.name,
            kind: target.kind,
            address: target.shown,
            recipients: target.recipients,
            is_active: target.is_active,
            disabled_reason: target.disabled.map(|one| one.reason),
            disabled_at,
            created_at: to_the_millisecond(target.created_at),
            updated_at: to_the_millisecond(target.updated_at),
        }
    }
}
