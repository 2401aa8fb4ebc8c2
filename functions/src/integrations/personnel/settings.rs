//! What a connection says of how its personnel is synchronised.

use serde_json::Value as Json;
use shared::error::{Error, Result};

use crate::integrations::connections::Config;
use crate::integrations::timetable::is_scheduled;

/// How many of a hundred may vanish before a person is asked, unless
/// `config.vanish_limit_percent` says otherwise.
const VANISH_LIMIT: i64 = 10;

/// That all that is said of it can be obeyed.
///
/// # Errors
/// `Invalid`, naming the setting, here and below.
pub fn check(config: &Config) -> Result<()> {
    vanish_limit(config)?;
    is_scheduled(config).map(drop)
}

/// How many of a hundred who work there may vanish before a person is asked.
pub fn vanish_limit(config: &Config) -> Result<i64> {
    let wrong = || {
        let told = "must be a whole number between 0 and 100";
        Error::invalid("config.vanish_limit_percent", told)
    };
    match config.more.get("vanish_limit_percent") {
        None | Some(Json::Null) => Ok(VANISH_LIMIT),
        Some(given) => given.as_i64().filter(|it| (0..=100).contains(it)).ok_or_else(wrong),
    }
}
