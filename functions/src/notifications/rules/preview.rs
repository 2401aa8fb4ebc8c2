//! Use case: see what a rule's notice would say, and when it would go out, without
//! sending anything.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::web::{Caller, to_the_millisecond};
use utoipa::ToSchema;

use super::{RuleFields, said};
use crate::messages::Severity;
use crate::messages::catalogue::{example, of_name};
use crate::notifications::content::Told;
use crate::notifications::store::Notifications;

/// What is to be seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// The type of the message.
    #[schema(example = "integration.sync.failed")]
    event_type: String,
    /// The message's data; an example's when not given.
    #[schema(value_type = Option<Object>)]
    data: Option<serde_json::Map<String, Json>>,
    /// The rule, which need not be there; its targets are not asked for.
    #[serde(default)]
    #[schema(required = false)]
    rule: RuleFields,
}

/// What a notice would be.
#[derive(Serialize, ToSchema)]
pub struct Previewed {
    /// Whether the rule wants the message; one without `event_types` is about its type.
    matches: bool,
    severity: Severity,
    subject: String,
    text: String,
    /// Until when it would be held back, if it came up now.
    held_until: Option<String>,
}

impl Notifications {
    /// What a notice of this message would be.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(in crate::notifications) fn preview(
        &self,
        by: &Caller,
        wanted: Preview,
    ) -> Result<Previewed> {
        let of = of_name(&wanted.event_type);
        let of = of.ok_or_else(|| Error::invalid("event_type", "is no type of message"))?;
        let data = wanted.data.map_or_else(|| example(of), Json::Object);
        let mut blank = self.blank_rule(by);
        blank.event_types = vec![of.0.to_owned()];
        let within = |mut error: Error| {
            error.fields.iter_mut().for_each(|one| one.field = format!("rule.{}", one.field));
            error
        };
        let rule = wanted.rule.applied_to(&blank).map_err(within)?;
        let (now, severity) = (self.clock.now_ms(), of.severity(&data));
        let matches = rule.wants(of, &data);
        let link = self.link.as_deref();
        let told = Told { of, at: now, data, tenant: &by.tenant, link };
        let said = said(&told, &rule.template).map_err(within)?;
        let held_until = rule.holds(now, severity).map(to_the_millisecond);
        Ok(Previewed { matches, severity, subject: said.subject, text: said.text, held_until })
    }
}
