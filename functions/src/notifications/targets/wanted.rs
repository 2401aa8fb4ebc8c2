//! What a caller says of a target, new or changed, and what is acceptable of it.

use serde::Deserialize;
use shared::error::{Error, Result};
use shared::mail::MOST_RECIPIENTS;
use shared::outbound::Targets;
use shared::vault::{ExposeSecret, SecretString};
use shared::web::Changes;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Kind, Target};
use crate::messages::wants;

/// The longest address of a channel, in bytes, and of a mailbox (RFC 5321, section
/// 4.5.3.1.3, without its brackets).
const URL: usize = 2048;
const MAILBOX: usize = 254;
/// Where Slack's incoming webhooks are
/// (docs.slack.dev, "Sending messages using incoming webhooks").
const SLACK: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];
/// What the hosts of Teams' workflows, and of its connectors before them, end with
/// (learn.microsoft.com, "Create incoming webhooks with Workflows").
const TEAMS: [&str; 3] =
    [".logic.azure.com", ".environment.api.powerplatform.com", ".webhook.office.com"];

/// What a caller says of a new target: its name and kind, and where it is.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct NewTarget(TargetFields);

/// What a caller says of a target. Of one that is changed, what is not given stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetFields {
    /// What it is called, 1 to 255 characters.
    #[schema(min_length = 1, max_length = 255, example = "On-call channel")]
    pub name: Option<String>,
    /// What kind of target it is; that stays.
    pub kind: Option<Kind>,
    /// The address that Slack or Teams gave out for the channel. It is a secret, and never
    /// shown again.
    #[schema(value_type = Option<String>, max_length = 2048,
        example = "https://hooks.slack.com/services/T01ABCDEF/B01ABCDEF/example-of-an-address")]
    pub url: Option<SecretString>,
    /// Whom mail is to, 1 to 50 addresses.
    #[schema(min_items = 1, max_items = 50, example = json!(["on-call@example.com"]))]
    pub recipients: Option<Vec<String>>,
    /// Whether notices go there; to a new one they do when not given.
    pub is_active: Option<bool>,
}

/// Members that a new target needs.
const NEEDED: [&str; 2] = ["name", "kind"];

impl NewTarget {
    /// What is said of it.
    ///
    /// # Errors
    /// `Invalid`, naming what it needs and is not said.
    pub fn fields(self) -> Result<TargetFields> {
        let Self(fields) = self;
        let missing = match (&fields.name, fields.kind) {
            (None, _) => Some("name"),
            (_, None) => Some("kind"),
            (_, Some(Kind::Email)) if fields.recipients.is_none() => Some("recipients"),
            (_, Some(Kind::Slack | Kind::Teams)) if fields.url.is_none() => Some("url"),
            _ => None,
        };
        missing.map_or(Ok(fields), |missing| Err(Error::invalid(missing, "is required")))
    }
}

/// The fields of a target, some of which a new one needs.
impl PartialSchema for NewTarget {
    fn schema() -> RefOr<Schema> {
        wants::schema_of_new::<TargetFields>(&NEEDED)
    }
}

impl ToSchema for NewTarget {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        TargetFields::schemas(schemas);
    }
}

impl Changes for TargetFields {
    const SHOWN_ONLY: &'static [&'static str] =
        &["id", "address", "disabled_reason", "disabled_at", "created_at", "updated_at"];
}

impl TargetFields {
    /// The target with these changes, all but where its secret is kept.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub async fn applied_to(&self, old: &Target, reachable: &Targets) -> Result<Target> {
        let mut new = old.clone();
        if let Some(name) = &self.name {
            new.name = wants::name(name)?;
        }
        if self.kind.is_some_and(|kind| kind != old.kind) {
            return Err(Error::invalid("kind", "cannot be changed"));
        }
        if let Some(url) = &self.url {
            new.shown = checked_url(old.kind, url, reachable).await?;
        }
        if let Some(recipients) = &self.recipients {
            new.recipients = checked_recipients(old.kind, recipients)?;
            new.shown = shown(&new.recipients);
        }
        new.is_active = self.is_active.unwrap_or(new.is_active);
        Ok(new)
    }
}

/// That a channel may be at this address; what is shown of it.
async fn checked_url(kind: Kind, url: &SecretString, reachable: &Targets) -> Result<String> {
    let url = url.expose_secret();
    if kind == Kind::Email {
        return Err(Error::invalid("url", "is not for mail; give recipients"));
    }
    if url.len() > URL {
        return Err(Error::invalid("url", format!("must not be longer than {URL} bytes")));
    }
    reachable.check("url", url).await?;
    let place = Targets::place(url).ok_or_else(|| Error::invalid("url", "has no host"))?;
    // Where this machine's own services may be called, simulated ones may.
    if !reachable.reach_this_machine() {
        if !place.is_secure {
            return Err(Error::invalid("url", "must be an https address"));
        }
        if !is_of(kind, &place.host) {
            let whose = if kind == Kind::Slack {
                "an incoming webhook of Slack"
            } else {
                "a workflow of Teams"
            };
            return Err(Error::invalid("url", format!("must be the address of {whose}")));
        }
    }
    Ok(format!("{}/\u{2026}", place.host))
}

fn is_of(kind: Kind, host: &str) -> bool {
    match kind {
        Kind::Slack => SLACK.contains(&host),
        Kind::Teams => TEAMS.iter().any(|end| host.ends_with(end)),
        Kind::Email => false,
    }
}

fn checked_recipients(kind: Kind, recipients: &[String]) -> Result<Vec<String>> {
    if kind != Kind::Email {
        return Err(Error::invalid("recipients", "are for mail; give url"));
    }
    if !(1..=MOST_RECIPIENTS).contains(&recipients.len()) {
        let message = format!("must be 1 to {MOST_RECIPIENTS} addresses");
        return Err(Error::invalid("recipients", message));
    }
    if let Some(at) = recipients.iter().position(|one| !is_mailbox(one)) {
        return Err(Error::invalid(&format!("recipients[{at}]"), "must be a mail address"));
    }
    Ok(wants::once(recipients, str::eq_ignore_ascii_case))
}

/// Whether this is a mailbox as RFC 5321 has it, without quotes, comments and names.
fn is_mailbox(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let word = |part: &str, more: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        (1..=63).contains(&part.len()) && part.chars().all(fits)
    };
    let label = |part: &str| word(part, "-") && !part.starts_with('-') && !part.ends_with('-');
    text.len() <= MAILBOX
        && local.len() <= 64
        && local.split('.').all(|part| word(part, "!#$%&'*+-/=?^_`{|}~"))
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// What is shown of recipients.
fn shown(recipients: &[String]) -> String {
    match recipients {
        [one] => one.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_told_from_what_is_none() {
        for mailbox in ["a@b.example", "anna.b+c@sub.example.com", "o'neil@a-b.example"] {
            assert!(is_mailbox(mailbox), "{mailbox}");
        }
        let long = format!("{}@b.example", "a".repeat(65));
        for none in [
            "",
            "@",
            "a",
            "a@b",
            "a@.b",
            "a@b.",
            "a b@c.example",
            "a@b.example\r\nBcc: x@y.example",
            "Anna <a@b.example>",
            ".a@b.example",
            "a..b@c.example",
            "a@-b.example",
            "a,b@c.example",
            "a@b.example,c@d.example",
            "\"a\"@b.example",
            &long,
        ] {
            assert!(!is_mailbox(none), "{none}");
        }
    }

    #[test]
    fn hosts_are_those_that_give_out_addresses() {
        for (kind, host, is) in [
            (Kind::Slack, "hooks.slack.com", true),
            (Kind::Slack, "hooks.slack-gov.com", true),
            (Kind::Slack, "evil-hooks.slack.com", false),
            (Kind::Slack, "hooks.slack.com.evil.example", false),
            (Kind::Teams, "prod-1.westeurope.logic.azure.com", true),
            (Kind::Teams, "default1.20.environment.api.powerplatform.com", true),
            (Kind::Teams, "acme.webhook.office.com", true),
            (Kind::Teams, "logic.azure.com", false),
            (Kind::Teams, "evil-logic.azure.com", false),
            (Kind::Teams, "hooks.slack.com", false),
        ] {
            assert_eq!(is_of(kind, host), is, "{kind:?} {host}");
        }
    }
}
