//! What the settings of a contact centre's connection may say beside those of every one.

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};

use crate::zone::zone;

/// That the members which are obeyed here can be.
///
/// # Errors
/// `Invalid`, naming the member.
pub fn check(given: &Map<String, Json>) -> Result<()> {
    match given.get("time_zone") {
        None => Ok(()),
        Some(Json::String(name)) if zone(name).is_some() => Ok(()),
        Some(_) => Err(Error::invalid("config.time_zone", "must be an IANA time zone")),
    }
}
