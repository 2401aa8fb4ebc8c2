//! The model: a rule of notifications.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::table::Key;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use crate::messages::catalogue::EventType;
use crate::messages::{Severity, partition, wants};
use crate::notifications::schedule::{Digest, QuietHours, held_until};

/// What the sort keys of rules begin with.
pub(in crate::notifications) const SORTED: &str = "RULE#";

/// A rule's row among those who listen to its tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    pub(in crate::notifications) pk: String,
    pub(in crate::notifications) sk: String,
    pub(in crate::notifications) id: String,
    pub(in crate::notifications) name: String,
    /// Patterns of the types that it is about.
    pub(in crate::notifications) event_types: Vec<String>,
    /// How much a message matters at least.
    pub(in crate::notifications) severity: Severity,
    /// What the data must be like, as a JSON object's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) filter: Option<String>,
    /// Where its notices go.
    pub(in crate::notifications) target_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) quiet_hours: Option<QuietHours>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::notifications) digest: Option<Digest>,
    #[serde(default)]
    pub(in crate::notifications) template: Words,
    pub(in crate::notifications) is_active: bool,
    pub(in crate::notifications) created_at: i64,
    pub(in crate::notifications) updated_at: i64,
    /// Which change of it this is, from 1.
    pub(in crate::notifications) version: i64,
}

/// What notices say: templates, of which the usual ones stand in for what is not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The subject, in one line, up to 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4096, example = "{{ severity|upper }}: {{ data.name }}")]
    pub subject: Option<String>,
    /// The text, up to 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4096, example = "{{ description }} at {{ timestamp }}")]
    pub text: Option<String>,
}

impl Rule {
    /// Whether it may want messages of this type, if their data are right.
    pub fn may_want(&self, kind: EventType) -> bool {
        self.is_active && wants::names(&self.event_types, kind)
    }

    /// Whether a message is for its targets.
    pub fn wants(&self, kind: EventType, data: &Json) -> bool {
        self.is_active
            && wants::names(&self.event_types, kind)
            && kind.severity(data) >= self.severity
            && wants::lets_through(self.filter.as_deref(), data)
    }

    /// Until when a notice is held back that comes up at `now` (milliseconds since 1970).
    pub(in crate::notifications) fn holds(&self, now: i64, severity: Severity) -> Option<i64> {
        held_until(now, severity, self.quiet_hours.as_ref(), self.digest)
    }

    /// Its key.
    pub(in crate::notifications) fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }
}

/// The key of a tenant's rule.
pub(in crate::notifications) fn rule_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: partition(tenant), sk: format!("{SORTED}{id}") }
}
