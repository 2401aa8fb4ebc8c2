//! What a connection to 1C says of it beside what all connections say: where its clock
//! hangs, whether its sessions are kept, and who it is told that sent something.

use jiff::tz::TimeZone;
use serde_json::Value as Json;
use shared::error::{Error, Result};

use crate::integrations::connections::Config;
use crate::zone::zone;

/// The zone of a 1C that does not say another one.
const USUAL_ZONE: &str = "Europe/Moscow";
/// The longest name of an initiator, in characters.
const LONGEST_NAME: usize = 150;

/// The settings of one 1C.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `config.time_zone`: days begin and end there.
    pub zone: TimeZone,
    /// `config.ib_session`: whether the calls of a request share one session.
    pub keeps_session: bool,
    /// `config.initiator_name`: who documents are said to come from.
    pub initiator: Option<String>,
}

impl Settings {
    /// Reads them among the settings of a connection.
    ///
    /// # Errors
    /// `Invalid`, naming the setting.
    pub fn of(config: &Config) -> Result<Self> {
        let given = |name: &str| config.more.get(name).filter(|value| !value.is_null());
        let text = |name: &str| match given(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Error::invalid(&format!("config.{name}"), "must be a string")),
        };
        let named = text("time_zone")?.unwrap_or(USUAL_ZONE);
        let unknown =
            || Error::invalid("config.time_zone", "is no name of the IANA time zone database");
        let keeps_session = match given("ib_session") {
            None => false,
            Some(Json::Bool(keeps)) => *keeps,
            Some(_) => return Err(Error::invalid("config.ib_session", "must be a boolean")),
        };
        let initiator = text("initiator_name")?.map(str::trim);
        let fits = |name: &str| (1..=LONGEST_NAME).contains(&name.chars().count());
        if initiator.is_some_and(|name| !fits(name)) {
            let message = "must have 1 to 150 characters";
            return Err(Error::invalid("config.initiator_name", message));
        }
        let zone = zone(named).ok_or_else(unknown)?;
        Ok(Self { zone, keeps_session, initiator: initiator.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use serde_json::json;

    use super::*;

    fn read(config: Json) -> Result<Settings> {
        Settings::of(&Config::read(config.as_object().cloned().unwrap_or_default())?)
    }

    #[test]
    fn a_1c_is_in_moscow_unless_it_says_otherwise() -> anyhow::Result<()> {
        let usual = read(json!({}))?;
        assert_eq!(usual.zone.iana_name(), Some("Europe/Moscow"));
        assert!(!usual.keeps_session && usual.initiator.is_none());
        let other = json!({"time_zone": "Asia/Omsk", "ib_session": true,
            "initiator_name": " Иванов И.И. "});
        let other = read(other)?;
        assert_eq!(other.zone.iana_name(), Some("Asia/Omsk"));
        assert_eq!((other.keeps_session, other.initiator.as_deref()), (true, Some("Иванов И.И.")));
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_named() -> anyhow::Result<()> {
        for (config, field) in [
            (json!({"time_zone": "Moscow"}), "config.time_zone"),
            (json!({"time_zone": 3}), "config.time_zone"),
            (json!({"ib_session": "yes"}), "config.ib_session"),
            (json!({"initiator_name": " "}), "config.initiator_name"),
            (json!({"initiator_name": "я".repeat(151)}), "config.initiator_name"),
        ] {
            let refused = read(config.clone()).err().with_context(|| config.to_string())?;
            assert_eq!(refused.fields[0].field, field);
        }
        Ok(())
    }
}
