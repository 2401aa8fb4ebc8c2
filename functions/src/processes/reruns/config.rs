//! How a step is run again, as its `rerun_config` says. Pure. Members that are not known here
//! are kept where they are: whoever runs the step may read them.

use std::time::Duration;

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::{Caller, Permissions};

use super::condition::Condition;
use crate::access::permission::INTEGRATIONS_WRITE;
use crate::processes::LONGEST_CALL;

/// How long a call may take when nobody says, in seconds.
const TIMEOUT: i64 = 30;
/// How often a call that failed is tried again, when nobody says, and at most.
const RETRIES: i64 = 3;
const MOST_RETRIES: i64 = 100;
/// The longest wait before a call is tried again, in seconds: a day.
const LONGEST_DELAY: i64 = 24 * 3600;
/// The longest text, in bytes.
const LONGEST: usize = 2048;

/// How a step is run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RerunConfig {
    /// Who does it.
    pub adapter: AdapterName,
    /// What it is called where it is run.
    pub subprocess_id: Option<String>,
    /// What is called: an address, or a path behind the connection's.
    pub api_endpoint: Option<String>,
    /// The connection that is called over.
    pub connection_id: Option<String>,
    /// The work item of the automation server.
    pub workitem_id: Option<String>,
    /// The webhook that is told.
    pub webhook_id: Option<String>,
    /// How long a call may take.
    pub timeout: Duration,
    /// How often a call that failed is tried again.
    pub max_retries: u32,
    /// Which failures are tried again.
    pub conditions: Vec<Condition>,
    /// How long to wait before each of those tries, in seconds.
    delays: Vec<i64>,
}

/// Who runs a step again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterName {
    /// An address that is called.
    ApiEndpoint,
    /// An automation server, whose work item begins anew.
    AutomationServer,
    /// Whoever listens at a webhook.
    Webhook,
    /// Whoever sees the step run.
    Manual,
}

impl AdapterName {
    const ALL: [Self; 4] = [Self::ApiEndpoint, Self::AutomationServer, Self::Webhook, Self::Manual];

    /// As configurations write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApiEndpoint => "api_endpoint",
            Self::AutomationServer => "automation_server",
            Self::Webhook => "webhook",
            Self::Manual => "manual",
        }
    }
}

/// That a caller may have steps run again so: who names a connection or a webhook has them
/// used, credentials and all.
///
/// # Errors
/// `Forbidden`.
pub fn may_name(by: &Caller, config: &Map<String, Json>) -> Result<()> {
    let names = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
    let adapter = config.get("adapter").and_then(Json::as_str);
    let over = matches!(adapter, Some("automation_server" | "webhook"));
    if over || ["connection_id", "webhook_id", "workitem_id"].into_iter().any(names) {
        return by.must_hold(&Permissions::of([INTEGRATIONS_WRITE]));
    }
    Ok(())
}

impl RerunConfig {
    /// Reads a configuration that stands at `field`.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub fn read(field: &str, members: &Map<String, Json>) -> Result<Self> {
        let from = Members { field, members };
        let config = Self {
            adapter: from.adapter()?,
            subprocess_id: from.text("subprocess_id")?,
            api_endpoint: from.text("api_endpoint")?,
            connection_id: from.text("connection_id")?,
            workitem_id: from.text("workitem_id")?,
            webhook_id: from.text("webhook_id")?,
            timeout: Duration::from_secs(
                from.number("timeout_seconds", 1, LONGEST_CALL.into(), TIMEOUT)?.unsigned_abs(),
            ),
            max_retries: u32::try_from(from.number("max_retries", 0, MOST_RETRIES, RETRIES)?)
                .map_err(Error::internal)?,
            conditions: from.conditions()?,
            delays: from.delays()?,
        };
        config.check(&from)?;
        Ok(config)
    }

    fn check(&self, from: &Members<'_>) -> Result<()> {
        match (&self.api_endpoint, &self.connection_id) {
            (None, _) if self.adapter == AdapterName::ApiEndpoint => {
                return Err(from.wrong("api_endpoint", "must be given"));
            }
            (Some(path), Some(_)) if !path.starts_with('/') => {
                let told = "must be a path that begins with a slash, behind the connection's \
                            address";
                return Err(from.wrong("api_endpoint", told));
            }
            (Some(address), None) if !is_address(address) => {
                return Err(from.wrong("api_endpoint", "must be an http or https address"));
            }
            _ => {}
        }
        if self.webhook_id.is_none() && self.adapter == AdapterName::Webhook {
            return Err(from.wrong("webhook_id", "must be given"));
        }
        Ok(())
    }

    /// How long to wait before the next try, when so many failed, from 1: as it says, the
    /// last one again and again, and up to twice that if the other side asked for it. None
    /// when it does not say.
    pub fn wait(&self, failed: u32, asked: Option<Duration>) -> Option<Duration> {
        let at = usize::try_from(failed.max(1) - 1).unwrap_or(usize::MAX);
        let seconds = self.delays.get(at).or(self.delays.last())?;
        let said = Duration::from_secs(seconds.unsigned_abs());
        Some(asked.unwrap_or(said).clamp(said, said * 2))
    }
}

/// Whether a text is an address that HTTP has; whether it may be called is seen when it is.
fn is_address(text: &str) -> bool {
    let is_http = |scheme: &str| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && text.len() > scheme.len()
    };
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    (is_http("http://") || is_http("https://")) && !text.contains(is_odd)
}

/// The members of a configuration, and where it stands.
struct Members<'a> {
    field: &'a str,
    members: &'a Map<String, Json>,
}

impl Members<'_> {
    fn wrong(&self, name: &str, why: impl Into<String>) -> Error {
        Error::invalid(&format!("{}.{name}", self.field), why)
    }

    fn get(&self, name: &str) -> Option<&Json> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(Json::String(text)) => text.trim().to_owned(),
            Some(Json::Number(number)) => number.to_string(),
            Some(_) => return Err(self.wrong(name, "must be a text")),
        };
        if text.is_empty() || text.len() > LONGEST {
            return Err(self.wrong(name, format!("must be 1 to {LONGEST} bytes long")));
        }
        Ok(Some(text))
    }

    fn number(&self, name: &str, least: i64, most: i64, default: i64) -> Result<i64> {
        let Some(given) = self.get(name) else { return Ok(default) };
        let number = given.as_i64().filter(|number| (least..=most).contains(number));
        let told = || self.wrong(name, format!("must be a whole number from {least} to {most}"));
        number.ok_or_else(told)
    }

    fn list(&self, name: &str) -> Result<&[Json]> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Json::Array(items)) if items.len() <= 100 => Ok(items),
            Some(_) => Err(self.wrong(name, "must be a list of at most 100")),
        }
    }

    fn delays(&self) -> Result<Vec<i64>> {
        let name = "retry_delays";
        let delays = self.list(name)?.iter().map(Json::as_i64);
        let delays = delays.map(|delay| delay.filter(|delay| (0..=LONGEST_DELAY).contains(delay)));
        let told = || {
            self.wrong(name, format!("must be whole numbers of seconds from 0 to {LONGEST_DELAY}"))
        };
        delays.map(|delay| delay.ok_or_else(told)).collect()
    }

    fn conditions(&self) -> Result<Vec<Condition>> {
        let name = "failure_conditions";
        if self.get(name).is_none() {
            return Ok(Condition::USUAL.to_vec());
        }
        let known = |condition: &Json| Condition::of(condition.as_str()?);
        let told = || {
            let known = Condition::NAMES.map(|(name, _)| name).join(", ");
            self.wrong(name, format!("must be of these, or http_ and a status: {known}"))
        };
        self.list(name)?.iter().map(|one| known(one).ok_or_else(told)).collect()
    }

    /// The one that is named, or the one that the other members are for.
    fn adapter(&self) -> Result<AdapterName> {
        if let Some(given) = self.get("adapter") {
            let named = |one: &AdapterName| given.as_str() == Some(one.name());
            let known = AdapterName::ALL.map(AdapterName::name).join(", ");
            let told = || self.wrong("adapter", format!("must be one of {known}"));
            return AdapterName::ALL.into_iter().find(named).ok_or_else(told);
        }
        Ok(if self.get("api_endpoint").is_some() {
            AdapterName::ApiEndpoint
        } else if self.get("workitem_id").is_some() {
            AdapterName::AutomationServer
        } else {
            AdapterName::Manual
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(config: Json) -> Result<RerunConfig> {
        let Json::Object(members) = config else { return Err(Error::bug("no object")) };
        RerunConfig::read("rerun_config", &members)
    }

    #[test]
    fn the_members_are_read_as_they_are_written() -> anyhow::Result<()> {
        let config = read(json!({
            "subprocess_id": "data_extraction_v2",
            "api_endpoint": "https://api.external-system.com/process",
            "timeout_seconds": 300,
            "max_retries": 3,
            "retry_delays": [60, 120, 300],
            "failure_conditions": ["network_error", "timeout", "rate_limit"],
            "whatever": { "else": 1 },
        }))?;
        assert_eq!(config.adapter, AdapterName::ApiEndpoint);
        assert_eq!(config.timeout, Duration::from_secs(300));
        assert_eq!((config.max_retries, config.delays), (3, vec![60, 120, 300]));
        assert_eq!(
            config.conditions,
            [Condition::NetworkError, Condition::Timeout, Condition::RateLimit]
        );
        Ok(())
    }

    #[test]
    fn the_adapter_follows_from_what_there_is() -> anyhow::Result<()> {
        for (config, adapter) in [
            (json!({}), AdapterName::Manual),
            (json!({ "workitem_id": 17 }), AdapterName::AutomationServer),
            (json!({ "workitem_id": "x", "api_endpoint": "http://a" }), AdapterName::ApiEndpoint),
            (json!({ "api_endpoint": "/a", "connection_id": "c" }), AdapterName::ApiEndpoint),
            (json!({ "adapter": "manual", "api_endpoint": "http://a" }), AdapterName::Manual),
            (json!({ "adapter": "webhook", "webhook_id": "w" }), AdapterName::Webhook),
            (json!({ "adapter": null, "api_endpoint": null }), AdapterName::Manual),
        ] {
            assert_eq!(read(config.clone())?.adapter, adapter, "{config}");
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (config, field) in [
            (json!({ "adapter": "rocket" }), "adapter"),
            (json!({ "adapter": "api_endpoint" }), "api_endpoint"),
            (json!({ "adapter": "webhook" }), "webhook_id"),
            (json!({ "api_endpoint": "ftp://a" }), "api_endpoint"),
            (json!({ "api_endpoint": "http://" }), "api_endpoint"),
            (json!({ "api_endpoint": "http://a b" }), "api_endpoint"),
            (json!({ "api_endpoint": ["http://a"] }), "api_endpoint"),
            (json!({ "api_endpoint": "http://a", "connection_id": "c" }), "api_endpoint"),
            (json!({ "workitem_id": "" }), "workitem_id"),
            (json!({ "timeout_seconds": 301 }), "timeout_seconds"),
            (json!({ "timeout_seconds": 0 }), "timeout_seconds"),
            (json!({ "timeout_seconds": "30" }), "timeout_seconds"),
            (json!({ "max_retries": -1 }), "max_retries"),
            (json!({ "max_retries": 1.5 }), "max_retries"),
            (json!({ "retry_delays": 60 }), "retry_delays"),
            (json!({ "retry_delays": [60, "x"] }), "retry_delays"),
            (json!({ "retry_delays": [86_401] }), "retry_delays"),
            (json!({ "failure_conditions": "timeout" }), "failure_conditions"),
            (json!({ "failure_conditions": ["bad_luck"] }), "failure_conditions"),
        ] {
            let fields = read(config.clone()).err().map(|error| error.fields);
            let named = fields.and_then(|fields| Some(fields.first()?.field.clone()));
            assert_eq!(named, Some(format!("rerun_config.{field}")), "{config}");
        }
    }

    #[test]
    fn the_last_delay_repeats_and_what_is_asked_for_is_honoured_within_reason() -> anyhow::Result<()>
    {
        let config = read(json!({ "retry_delays": [60, 120] }))?;
        let wait = |failed, asked: Option<u64>| {
            config.wait(failed, asked.map(Duration::from_secs)).map(|wait| wait.as_secs())
        };
        assert_eq!(wait(1, None), Some(60));
        assert_eq!(wait(2, None), Some(120));
        assert_eq!(wait(9, None), Some(120));
        assert_eq!(wait(1, Some(5)), Some(60));
        assert_eq!(wait(1, Some(90)), Some(90));
        assert_eq!(wait(1, Some(900)), Some(120));
        assert_eq!(read(json!({}))?.wait(1, None), None);
        Ok(())
    }
}
