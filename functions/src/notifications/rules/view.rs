//! Rules as they are shown.

use serde::Serialize;
use serde_json::Value as Json;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::{Rule, Words};
use crate::messages::Severity;
use crate::notifications::schedule::{Digest, QuietHours};

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    id: String,
    name: String,
    event_types: Vec<String>,
    severity: Severity,
    #[schema(value_type = Option<Object>)]
    filter: Option<Json>,
    target_ids: Vec<String>,
    quiet_hours: Option<QuietHours>,
    digest: Option<Digest>,
    template: Words,
    is_active: bool,
    created_at: String,
    updated_at: String,
}

impl From<Rule> for RuleView {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id,
            name: rule.name,
            event_types: rule.event_types,
            severity: rule.severity,
            filter: rule.filter.and_then(|text| serde_json::from_str(&text).ok()),
            target_ids: rule.target_ids,
            quiet_hours: rule.quiet_hours,
            digest: rule.digest,
            template: rule.template,
            is_active: rule.is_active,
            created_at: to_the_millisecond(rule.created_at),
            updated_at: to_the_millisecond(rule.updated_at),
        }
    }
}
