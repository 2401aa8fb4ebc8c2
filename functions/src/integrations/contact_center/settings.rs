//! What the settings of a contact centre's connection may say beside those of every one.

use serde_json::Value as Json;
use shared::error::{Error, Result};

use crate::integrations::connections::Config;
use crate::zone::zone;

/// That the members which are obeyed here can be.
///
/// # Errors
/// `Invalid`, naming the member.
pub fn check(config: &Config) -> Result<()> {
    super::pull::check(config)?;
    match config.more.get("time_zone") {
        None | Some(Json::Null) => Ok(()),
        Some(Json::String(name)) if zone(name).is_some() => Ok(()),
        Some(_) => Err(Error::invalid("config.time_zone", "must be an IANA time zone")),
    }
}
