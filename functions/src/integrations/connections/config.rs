//! A connection's settings: six that this system obeys, and whatever else the other
//! side's connector knows, kept as it is.

use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};

use crate::integrations::secretive::is_secretive;

/// The largest settings, in bytes.
const LARGEST: usize = 16 * 1024;
/// The longest path that is called.
const LONGEST_PATH: usize = 512;

/// A connection's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Seconds from one synchronisation to the next.
    pub sync_interval: u32,
    /// How often a call that may be repeated is.
    pub retry_attempts: u32,
    /// How long one attempt at a call may take.
    pub timeout_seconds: u32,
    /// Records that are handed over together.
    pub batch_size: u32,
    /// Whether changes of the connection are told to those who listen.
    pub enable_webhooks: bool,
    /// How much is logged of its calls.
    pub log_level: LogLevel,
    /// The rest, by name.
    pub more: Map<String, Json>,
}

/// From this gravity on, what happens in calls is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Every attempt.
    Debug,
    /// Every call.
    Info,
    /// Calls that were refused or tried again.
    Warning,
    /// Calls that failed.
    Error,
}

impl Config {
    /// The settings of an object; what it does not name is as usual.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub fn read(mut given: Map<String, Json>) -> Result<Self> {
        if Json::Object(given.clone()).to_string().len() > LARGEST {
            return Err(Error::invalid("config", "must have at most 16 KiB"));
        }
        let config = Self {
            sync_interval: number(&mut given, "sync_interval", 900, (30, 31_536_000))?,
            retry_attempts: number(&mut given, "retry_attempts", 3, (0, 10))?,
            timeout_seconds: number(&mut given, "timeout_seconds", 30, (1, 300))?,
            batch_size: number(&mut given, "batch_size", 1000, (1, 10_000))?,
            enable_webhooks: match given.remove("enable_webhooks") {
                None => true,
                Some(Json::Bool(is)) => is,
                Some(_) => {
                    return Err(Error::invalid("config.enable_webhooks", "must be a boolean"));
                }
            },
            log_level: match given.remove("log_level") {
                None => LogLevel::Info,
                Some(level) => level.as_str().and_then(LogLevel::of).ok_or_else(|| {
                    let levels = "must be DEBUG, INFO, WARNING or ERROR";
                    Error::invalid("config.log_level", levels)
                })?,
            },
            more: given,
        };
        if let Some(name) = config.more.keys().find(|name| is_secretive(name)) {
            let message = "looks like a credential; give it in credentials";
            return Err(Error::invalid(&format!("config.{name}"), message));
        }
        config.check_paths()?;
        Ok(config)
    }

    /// The settings as they are stored.
    pub(super) fn parse(text: &str) -> Result<Self> {
        Self::read(serde_json::from_str(text).map_err(Error::internal)?).map_err(|error| {
            Error::bug(format!("a connection's settings cannot be read: {}", error.detail))
        })
    }

    /// As they are stored and shown: those that were not given have their usual values.
    pub fn shown(&self) -> Map<String, Json> {
        let mut shown = self.more.clone();
        for (name, value) in [
            ("sync_interval", json!(self.sync_interval)),
            ("retry_attempts", json!(self.retry_attempts)),
            ("timeout_seconds", json!(self.timeout_seconds)),
            ("batch_size", json!(self.batch_size)),
            ("enable_webhooks", json!(self.enable_webhooks)),
            ("log_level", json!(self.log_level.name())),
        ] {
            shown.insert(name.to_owned(), value);
        }
        shown
    }

    /// Where the other side answers to this: `config.paths.<name>`, or what is usual.
    pub fn path<'a>(&'a self, name: &str, usual: &'a str) -> &'a str {
        self.more.get("paths").and_then(|paths| paths.get(name)?.as_str()).unwrap_or(usual)
    }

    fn check_paths(&self) -> Result<()> {
        let Some(paths) = self.more.get("paths") else { return Ok(()) };
        let Json::Object(paths) = paths else {
            return Err(Error::invalid("config.paths", "must be an object"));
        };
        for (name, path) in paths {
            let fits = |path: &str| {
                path.starts_with('/')
                    && path.len() <= LONGEST_PATH
                    && path.bytes().all(|b| b.is_ascii_graphic() && !b"?#\\".contains(&b))
            };
            if !path.as_str().is_some_and(fits) {
                let message = "must be a path that begins with a slash, without query";
                return Err(Error::invalid(&format!("config.paths.{name}"), message));
            }
        }
        Ok(())
    }
}

impl LogLevel {
    const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warning, Self::Error];

    fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

fn number(
    given: &mut Map<String, Json>,
    name: &str,
    usual: u32,
    (least, most): (u32, u32),
) -> Result<u32> {
    let Some(value) = given.remove(name) else { return Ok(usual) };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        let message = format!("must be a whole number between {least} and {most}");
        Error::invalid(&format!("config.{name}"), message)
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    fn read(config: Json) -> Result<Config> {
        match config {
            Json::Object(config) => Config::read(config),
            _ => Err(Error::bug("no object")),
        }
    }

    #[test]
    fn what_is_not_given_is_as_usual_and_the_rest_is_kept() -> anyhow::Result<()> {
        let usual = json!({"sync_interval": 900, "retry_attempts": 3, "timeout_seconds": 30,
            "batch_size": 1000, "enable_webhooks": true, "log_level": "INFO"});
        assert_eq!(Json::Object(read(json!({}))?.shown()), usual);
        let config = read(json!({"retry_attempts": 0, "vendor": {"a": [1e300]},
            "paths": {"test": "/ping"}}))?;
        assert_eq!((config.retry_attempts, config.timeout_seconds), (0, 30));
        assert_eq!((config.path("test", "/api/test"), config.path("x", "/y")), ("/ping", "/y"));
        assert_eq!(config.shown().get("vendor"), Some(&json!({"a": [1e300]})));
        assert_eq!(Config::parse(&Json::Object(config.shown()).to_string())?, config);
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_named() -> anyhow::Result<()> {
        for (config, field) in [
            (json!({"sync_interval": 29}), "config.sync_interval"),
            (json!({"sync_interval": "900"}), "config.sync_interval"),
            (json!({"retry_attempts": -1}), "config.retry_attempts"),
            (json!({"retry_attempts": 11}), "config.retry_attempts"),
            (json!({"timeout_seconds": 0}), "config.timeout_seconds"),
            (json!({"timeout_seconds": 301}), "config.timeout_seconds"),
            (json!({"timeout_seconds": 1.5}), "config.timeout_seconds"),
            (json!({"batch_size": 10_001}), "config.batch_size"),
            (json!({"enable_webhooks": "yes"}), "config.enable_webhooks"),
            (json!({"log_level": "info"}), "config.log_level"),
            (json!({"paths": []}), "config.paths"),
            (json!({"paths": {"test": "ping"}}), "config.paths.test"),
            (json!({"paths": {"test": "/a?b=c"}}), "config.paths.test"),
            (json!({"paths": {"test": "/a b"}}), "config.paths.test"),
            (json!({"vendor": "x".repeat(17_000)}), "config"),
        ] {
            let refused = read(config.clone()).err().with_context(|| config.to_string())?;
            assert_eq!(refused.fields[0].field, field);
        }
        Ok(())
    }
}
