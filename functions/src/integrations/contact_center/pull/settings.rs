//! What a connection's settings say of pulling: `config.scheduled` and `config.sync_interval`
//! when, as for every synchronisation, and `config.pull` what and how.

use std::ops::RangeInclusive;

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};

use super::super::records::DAY;
use super::kind::PullKind;
use crate::integrations::connections::Config;
use crate::integrations::timetable::is_scheduled;

const MINUTE: i64 = 60_000;
/// The members of `config.pull`.
const KINDS: &str = "kinds";
const OVERLAP: &str = "overlap_minutes";
const FIRST: &str = "first_days";
const STEP: &str = "step_minutes";
const AT_ONCE: &str = "ids_at_once";
const MEMBERS: [&str; 5] = [KINDS, OVERLAP, FIRST, STEP, AT_ONCE];

/// How it is pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What, in order.
    pub kinds: Vec<PullKind>,
    /// How far back what was pulled is asked for once more, in milliseconds: what ends after
    /// it began is told late.
    pub overlap: i64,
    /// How far back the first pull reaches, in milliseconds.
    pub first: i64,
    /// How long the intervals of groups are, in milliseconds.
    pub step: i64,
    /// The most ids in one request.
    pub at_once: usize,
}

/// That all that is said of it can be obeyed.
///
/// # Errors
/// `Invalid`, naming the setting, here and below.
pub fn check(config: &Config) -> Result<()> {
    is_scheduled(config)?;
    Settings::of(config).map(drop)
}

impl Settings {
    /// What these settings say; what they do not is as usual.
    pub fn of(config: &Config) -> Result<Self> {
        let none = Map::new();
        let given = match config.more.get("pull") {
            None | Some(Json::Null) => &none,
            Some(Json::Object(given)) => given,
            Some(_) => return Err(Error::invalid("config.pull", "must be an object")),
        };
        if let Some(name) = given.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(wrong(name, "is not known here"));
        }
        let at_once = number(given, AT_ONCE, 100, 1..=500)?;
        Ok(Self {
            kinds: kinds(given)?,
            overlap: number(given, OVERLAP, 120, 0..=10_080)? * MINUTE,
            first: number(given, FIRST, 7, 1..=366)? * DAY,
            step: number(given, STEP, 15, 1..=1440)? * MINUTE,
            at_once: usize::try_from(at_once).map_err(Error::internal)?,
        })
    }
}

fn wrong(name: &str, message: &str) -> Error {
    Error::invalid(&format!("config.pull.{name}"), message)
}

fn number(
    given: &Map<String, Json>,
    name: &str,
    usual: i64,
    range: RangeInclusive<i64>,
) -> Result<i64> {
    let Some(value) = given.get(name) else { return Ok(usual) };
    value.as_i64().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = range.into_inner();
        wrong(name, &format!("must be a whole number between {least} and {most}"))
    })
}

fn kinds(given: &Map<String, Json>) -> Result<Vec<PullKind>> {
    let Some(value) = given.get(KINDS) else { return Ok(PullKind::ALL.to_vec()) };
    let kind = |name: &Json| name.as_str().and_then(PullKind::of);
    let kinds: Option<Vec<_>> = value.as_array().and_then(|names| names.iter().map(kind).collect());
    let kinds = kinds.filter(|kinds| !kinds.is_empty());
    let mut kinds = kinds.ok_or_else(|| {
        let names = PullKind::ALL.map(PullKind::name).join(", ");
        wrong(KINDS, &format!("must be a list of some of {names}"))
    })?;
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(config: Json) -> Result<Settings> {
        match config {
            Json::Object(config) => {
                let config = Config::read(config)?;
                check(&config)?;
                Settings::of(&config)
            }
            _ => Err(Error::bug("no object")),
        }
    }

    #[test]
    fn what_is_not_said_is_as_usual() -> anyhow::Result<()> {
        let usual = of(json!({}))?;
        assert_eq!(usual.kinds, PullKind::ALL);
        assert_eq!((usual.overlap, usual.first), (2 * 3_600_000, 7 * DAY));
        assert_eq!((usual.step, usual.at_once), (900_000, 100));
        let named = ["agentCallsData", "serviceGroupData", "agentCallsData"];
        let said = of(json!({"scheduled": true, "pull": {"kinds": named, "overlap_minutes": 0,
            "first_days": 1, "step_minutes": 5, "ids_at_once": 2}}))?;
        assert_eq!(said.kinds, [PullKind::ServiceGroupData, PullKind::AgentCallsData]);
        assert_eq!((said.overlap, said.first, said.step, said.at_once), (0, DAY, 300_000, 2));
        Ok(())
    }

    #[test]
    fn what_cannot_be_obeyed_is_named() -> anyhow::Result<()> {
        for (config, field) in [
            (json!({"scheduled": "yes"}), "config.scheduled"),
            (json!({"pull": true}), "config.pull"),
            (json!({"pull": {"colour": 1}}), "config.pull.colour"),
            (json!({"pull": {"kinds": []}}), "config.pull.kinds"),
            (json!({"pull": {"kinds": "agentCallsData"}}), "config.pull.kinds"),
            (json!({"pull": {"kinds": ["agentCalls"]}}), "config.pull.kinds"),
            (json!({"pull": {"overlap_minutes": -1}}), "config.pull.overlap_minutes"),
            (json!({"pull": {"overlap_minutes": 10_081}}), "config.pull.overlap_minutes"),
            (json!({"pull": {"first_days": 0}}), "config.pull.first_days"),
            (json!({"pull": {"first_days": 1.5}}), "config.pull.first_days"),
            (json!({"pull": {"step_minutes": 0}}), "config.pull.step_minutes"),
            (json!({"pull": {"ids_at_once": 501}}), "config.pull.ids_at_once"),
            (json!({"pull": {"ids_at_once": "9"}}), "config.pull.ids_at_once"),
        ] {
            let refused = of(config.clone()).err();
            let named = refused.and_then(|error| error.fields.into_iter().next());
            assert_eq!(named.map(|field| field.field).as_deref(), Some(field), "{config}");
        }
        Ok(())
    }
}
