//! What a caller says of a rule, new or changed, and what is acceptable of it.

use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use shared::web::Changes;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Rule, Words};
use crate::messages::catalogue::{EventType, all, example};
use crate::messages::{Severity, wants};
use crate::notifications::content::{Said, Told, say};
use crate::notifications::schedule::{Digest, QuietHours};
use crate::notifications::template::Missing;

/// Targets of one rule at most: as many as a tenant may have.
const TARGETS: usize = 20;

/// What a caller says of a new rule: its name, `event_types` and `target_ids` at least.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct NewRule(RuleFields);

/// What a caller says of a rule. Of one that is changed, what is not given stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFields {
    /// What it is called, 1 to 255 characters.
    #[schema(min_length = 1, max_length = 255, example = "What fails")]
    pub name: Option<String>,
    /// The types of messages that it is about, 1 to 50: names of
    /// `GET /integrations/webhooks/events/types`, or their beginning and `.*`, or `*`, which
    /// leaves out `webhook.*` and `notification.*`.
    #[schema(min_items = 1, max_items = 50, example = json!(["*", "webhook.endpoint.*"]))]
    pub event_types: Option<Vec<String>>,
    /// How much a message matters at least; a new one takes `info` when not given.
    pub severity: Option<Severity>,
    /// What the data must be like: paths and values, or `{"$gt": …}` and the like. An empty
    /// object takes it away.
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Json>,
    /// Where its notices go, 1 to 20 targets.
    #[schema(min_items = 1, max_items = 20)]
    pub target_ids: Option<Vec<String>>,
    /// When people are left alone: what comes up then goes out at the end, as one notice.
    /// Null takes them away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<QuietHours>)]
    pub quiet_hours: Option<Option<QuietHours>>,
    /// That notices are collected, and go out as one. Null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Digest>)]
    pub digest: Option<Option<Digest>>,
    /// What its notices say, as templates of Jinja's kind over `event_type`, `description`,
    /// `severity`, `timestamp`, `data`, `tenant` and `link`. Null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Words>)]
    pub template: Option<Option<Words>>,
    /// Whether messages become notices; with a new one they do when not given.
    pub is_active: Option<bool>,
}

/// Members that a new rule needs.
const NEEDED: [&str; 3] = ["name", "event_types", "target_ids"];

/// A member that is there, even if it is null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl NewRule {
    /// What is said of it.
    ///
    /// # Errors
    /// `Invalid`, naming what it needs and is not said.
    pub fn fields(self) -> Result<RuleFields> {
        let Self(fields) = self;
        let given =
            [fields.name.is_some(), fields.event_types.is_some(), fields.target_ids.is_some()];
        match NEEDED.iter().zip(given).find(|(_, given)| !given) {
            Some((missing, _)) => Err(Error::invalid(missing, "is required")),
            None => Ok(fields),
        }
    }
}

/// The fields of a rule, some of which a new one needs.
impl PartialSchema for NewRule {
    fn schema() -> RefOr<Schema> {
        wants::schema_of_new::<RuleFields>(&NEEDED)
    }
}

impl ToSchema for NewRule {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        RuleFields::schemas(schemas);
    }
}

impl Changes for RuleFields {
    const SHOWN_ONLY: &'static [&'static str] = &["id", "created_at", "updated_at"];
}

impl RuleFields {
    /// The rule with these changes. Whether there are its targets, and what its templates
    /// say, is asked elsewhere.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub fn applied_to(&self, old: &Rule) -> Result<Rule> {
        let mut new = old.clone();
        if let Some(name) = &self.name {
            new.name = wants::name(name)?;
        }
        if let Some(patterns) = &self.event_types {
            new.event_types = wants::types(patterns)?;
        }
        new.severity = self.severity.unwrap_or(new.severity);
        if let Some(filter) = &self.filter {
            new.filter = wants::filter(filter)?;
        }
        if let Some(ids) = &self.target_ids {
            new.target_ids = checked_targets(ids)?;
        }
        if let Some(quiet_hours) = &self.quiet_hours {
            quiet_hours.as_ref().map_or(Ok(()), QuietHours::check)?;
            new.quiet_hours.clone_from(quiet_hours);
        }
        if let Some(digest) = self.digest {
            digest.map_or(Ok(()), Digest::check)?;
            new.digest = digest;
        }
        if let Some(template) = &self.template {
            new.template = template.clone().unwrap_or_default();
        }
        new.is_active = self.is_active.unwrap_or(new.is_active);
        Ok(new)
    }
}

fn checked_targets(ids: &[String]) -> Result<Vec<String>> {
    if !(1..=TARGETS).contains(&ids.len()) {
        return Err(Error::invalid("target_ids", format!("must be 1 to {TARGETS} targets")));
    }
    Ok(wants::once(ids, str::eq))
}

/// Renders a rule's templates with an example of each type that it is about, so that
/// whoever writes them hears of what they would not show.
///
/// # Errors
/// `Invalid`, naming the template.
pub fn try_out(rule: &Rule, tenant: &Tenant) -> Result<()> {
    if rule.template == Words::default() {
        return Ok(());
    }
    let named = |of: &EventType| wants::names(&rule.event_types, *of);
    for of in all().map(|entry| entry.of).filter(named) {
        let told = Told { of, at: 0, data: example(of), tenant, link: Some("https://example.com") };
        said(&told, &rule.template)?;
    }
    Ok(())
}

/// What templates say of this.
///
/// # Errors
/// `Invalid`, naming the template.
pub fn said(told: &Told<'_>, words: &Words) -> Result<Said> {
    say(told, words, Missing::IsWrong).map_err(|(field, wrong)| {
        let (line, of) = (wrong.line, told.of.0);
        let what = format!("cannot be used with {of}: line {line}, {}", wrong.what);
        Error::invalid(&format!("template.{field}"), what)
    })
}
