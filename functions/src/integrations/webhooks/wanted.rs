//! What a caller says of a webhook, new or changed, and what is acceptable of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::vault::{ExposeSecret, SecretString};
use shared::web::Changes;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::endpoint::{AuthType, Endpoint, Format};
use super::schedule::RetryPolicy;
use super::secrets::Auth;
use crate::integrations::secretive::is_secretive;
use crate::messages::wants;

/// The longest address, in bytes.
const URL: usize = 2048;
/// Headers at most, and the longest value of one, in bytes.
const HEADERS: usize = 20;
const HEADER: usize = 1024;
/// A signing secret's shortest and longest text.
const SECRET: std::ops::RangeInclusive<usize> = 8..=256;
/// Headers that are the protocol's own, or say what is signed.
const OURS: [&str; 8] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// What a caller says of a new webhook: its name, url and `event_types` at least.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct NewWebhook(WebhookFields);

/// What a caller says of a webhook. Of one that is changed, what is not given stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookFields {
    /// What it is called, 1 to 255 characters.
    #[schema(min_length = 1, max_length = 255, example = "Badge system")]
    pub name: Option<String>,
    /// Where messages are delivered to: an http or https address that is public.
    #[schema(max_length = 2048, example = "https://hooks.example.com/caseway")]
    pub url: Option<String>,
    /// The types of messages that it wants, 1 to 50: names of `GET …/events/types`, or
    /// their beginning and `.*`, or `*`.
    #[schema(min_items = 1, max_items = 50, example = json!(["integration.*"]))]
    pub event_types: Option<Vec<String>>,
    /// `POST`, which a new one has when not given, or `PUT`.
    #[schema(pattern = "^(POST|PUT)$")]
    pub method: Option<String>,
    /// Headers to send beside, at most 20. Credentials belong into `auth_credentials`.
    pub headers: Option<BTreeMap<String, String>>,
    /// What the data must be like: paths and values, or `{"$gt": …}` and the like. An empty
    /// object takes it away.
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Json>,
    /// What deliveries are signed with, `whsec_…` or 8 to 256 characters; made for a new one
    /// and shown once when not given. Of one that is changed it replaces the others at once;
    /// `…/rotate-secret` does so with an overlap.
    #[schema(value_type = Option<String>, min_length = 8, max_length = 256)]
    pub secret: Option<SecretString>,
    /// How deliveries authenticate beside their signature; those of a new one do not when
    /// not given.
    pub auth_type: Option<AuthType>,
    /// `username` and `password`, or `token`, or `api_key`, as `auth_type` asks.
    pub auth_credentials: Option<Credentials>,
    /// How long the receiver may take, 1 to 300; a new one's 30 when not given.
    #[schema(minimum = 1, maximum = 300)]
    pub timeout_seconds: Option<i64>,
    /// `doubling`, which a new one has when not given, or `standard`.
    pub retry_policy: Option<RetryPolicy>,
    /// Attempts after the first one, 0 to 10; of a new one 3 when not given.
    #[schema(minimum = 0, maximum = 10)]
    pub retry_attempts: Option<i64>,
    /// The first wait between them, 1 to 86400, which doubles; of a new one 60 when not given.
    #[schema(minimum = 1, maximum = 86_400)]
    pub retry_delay_seconds: Option<i64>,
    /// Deliveries a minute at most, 1 to 100000; 0 takes the limit away, and a new one has
    /// none.
    #[schema(minimum = 0, maximum = 100_000)]
    pub rate_limit_per_minute: Option<i64>,
    /// Whether messages come one after the other, in their order.
    pub ordered: Option<bool>,
    /// What bodies look like; of a new one `flat` when not given.
    pub format: Option<Format>,
    /// Whether messages are delivered; to a new one they are when not given.
    pub is_active: Option<bool>,
}

/// Members that a new webhook needs.
const NEEDED: [&str; 3] = ["name", "url", "event_types"];

impl NewWebhook {
    /// What is said of it.
    ///
    /// # Errors
    /// `Invalid`, naming what it needs and is not said.
    pub(super) fn fields(self) -> Result<WebhookFields> {
        let Self(fields) = self;
        let given = [fields.name.is_some(), fields.url.is_some(), fields.event_types.is_some()];
        match NEEDED.iter().zip(given).find(|(_, given)| !given) {
            Some((missing, _)) => Err(Error::invalid(missing, "is required")),
            None => Ok(fields),
        }
    }
}

/// The fields of a webhook, some of which a new one needs.
impl PartialSchema for NewWebhook {
    fn schema() -> RefOr<Schema> {
        let mut fields = WebhookFields::schema();
        if let RefOr::T(Schema::Object(fields)) = &mut fields {
            fields.required = NEEDED.map(str::to_owned).into();
        }
        fields
    }
}

impl ToSchema for NewWebhook {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        WebhookFields::schemas(schemas);
    }
}

/// What deliveries authenticate with.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    #[schema(value_type = Option<String>)]
    username: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    token: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    api_key: Option<SecretString>,
}

impl Changes for WebhookFields {
    const SHOWN_ONLY: &'static [&'static str] = &[
        "id",
        "disabled_reason",
        "disabled_at",
        "failing_since",
        "last_triggered",
        "success_count",
        "failure_count",
        "latency_ms",
        "organization_id",
        "created_at",
        "updated_at",
    ];
}

impl WebhookFields {
    /// The webhook with these changes, all but its secrets.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(super) fn applied_to(&self, old: &Endpoint) -> Result<Endpoint> {
        let mut new = old.clone();
        if let Some(name) = &self.name {
            new.name = wants::name(name)?;
        }
        if let Some(url) = &self.url {
            new.url = text("url", url, 1..=URL)?.to_owned();
        }
        if let Some(patterns) = &self.event_types {
            new.event_types = wants::types(patterns)?;
        }
        if let Some(method) = &self.method {
            new.method = checked_method(method)?;
        }
        if let Some(headers) = &self.headers {
            new.headers = checked_headers(headers)?;
        }
        if let Some(filter) = &self.filter {
            new.filter = wants::filter(filter)?;
        }
        self.apply_numbers(&mut new)?;
        new.schedule.policy = self.retry_policy.unwrap_or(new.schedule.policy);
        new.ordered = self.ordered.unwrap_or(new.ordered);
        new.format = self.format.unwrap_or(new.format);
        new.auth_type = self.auth_type.unwrap_or(new.auth_type);
        new.is_active = self.is_active.unwrap_or(new.is_active);
        Ok(new)
    }

    fn apply_numbers(&self, new: &mut Endpoint) -> Result<()> {
        let set = |field, given: Option<i64>, range: std::ops::RangeInclusive<u32>| {
            given.map(|number| in_range(field, number, range)).transpose()
        };
        if let Some(seconds) = set("timeout_seconds", self.timeout_seconds, 1..=300)? {
            new.timeout_seconds = seconds;
        }
        if let Some(attempts) = set("retry_attempts", self.retry_attempts, 0..=10)? {
            new.schedule.attempts = attempts;
        }
        if let Some(delay) = set("retry_delay_seconds", self.retry_delay_seconds, 1..=86_400)? {
            new.schedule.delay_seconds = delay;
        }
        if let Some(limit) = set("rate_limit_per_minute", self.rate_limit_per_minute, 0..=100_000)?
        {
            new.rate_limit = (limit > 0).then_some(limit);
        }
        Ok(())
    }

    /// The credentials that the webhook's way of authenticating asks for; none when they
    /// stay as they are.
    ///
    /// # Errors
    /// `Invalid`, naming what is missing.
    pub(super) fn auth(&self, old: AuthType, new: AuthType) -> Result<Option<Auth>> {
        let given = self.auth_credentials.as_ref();
        if given.is_none() && old == new {
            return Ok(None);
        }
        let none = Credentials::default();
        let given = given.unwrap_or(&none);
        let of = |field: &str, value: &Option<SecretString>| {
            let field = format!("auth_credentials.{field}");
            let value = value.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
            if !(1..=4096).contains(&value.len()) || value.contains(char::is_control) {
                let message = "is required, up to 4096 characters without control characters";
                return Err(Error::invalid(&field, message));
            }
            Ok(value.to_owned())
        };
        Ok(Some(match new {
            AuthType::None => Auth::None,
            AuthType::Basic => Auth::Basic {
                username: of("username", &given.username)?,
                password: of("password", &given.password)?,
            },
            AuthType::Bearer => Auth::Bearer(of("token", &given.token)?),
            AuthType::ApiKey => Auth::ApiKey(of("api_key", &given.api_key)?),
        }))
    }
}

/// A secret as it is given.
///
/// # Errors
/// `Invalid`, naming `secret`.
pub(super) fn checked_secret(secret: &SecretString) -> Result<()> {
    text("secret", secret.expose_secret(), SECRET).map(drop)
}

fn checked_method(method: &str) -> Result<String> {
    match method {
        "POST" | "PUT" => Ok(method.to_owned()),
        _ => Err(Error::invalid("method", "must be POST or PUT")),
    }
}

fn checked_headers(headers: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    if headers.len() > HEADERS {
        return Err(Error::invalid("headers", format!("must not be more than {HEADERS}")));
    }
    let checked = headers.iter().map(|(name, value)| {
        let field = format!("headers.{name}");
        let lower = name.to_ascii_lowercase();
        let token = !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let fits = value.len() <= HEADER && value.bytes().all(|b| matches!(b, b' '..=b'~'));
        if !token {
            Err(Error::invalid(&field, "is no name of a header"))
        } else if is_secretive(&lower) {
            Err(Error::invalid(&field, "looks like a credential; give it as auth_credentials"))
        } else if OURS.contains(&&*lower)
            || lower.starts_with("webhook-")
            || lower.starts_with("x-webhook-signature")
        {
            Err(Error::invalid(&field, "is set by the product itself"))
        } else if !fits {
            let message = format!("must be printable ASCII, {HEADER} characters at most");
            Err(Error::invalid(&field, message))
        } else {
            Ok((lower, value.clone()))
        }
    });
    checked.collect()
}

fn text<'a>(
    field: &str,
    text: &'a str,
    length: std::ops::RangeInclusive<usize>,
) -> Result<&'a str> {
    if length.contains(&text.len()) && !text.contains(char::is_control) {
        return Ok(text);
    }
    let (least, most) = length.into_inner();
    Err(Error::invalid(
        field,
        format!("must be {least} to {most} characters without control characters"),
    ))
}

fn in_range(field: &str, number: i64, range: std::ops::RangeInclusive<u32>) -> Result<u32> {
    let found = u32::try_from(number).ok().filter(|number| range.contains(number));
    let (least, most) = range.into_inner();
    found.ok_or_else(|| Error::invalid(field, format!("must be between {least} and {most}")))
}
