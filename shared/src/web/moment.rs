//! Moments as requests and answers write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::clock::timestamp;
use crate::error::{Error, Result};

/// A moment as a caller gives it: RFC 3339; a date, which is its first moment in UTC;
/// or date and time without a zone, which is UTC.
///
/// # Errors
/// `Invalid`, naming `field`.
pub fn moment(field: &str, text: &str) -> Result<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let civil = if text.len() == "2026-01-31".len() {
        text.parse::<Date>().map(DateTime::from)
    } else {
        text.parse::<DateTime>()
    };
    let zoned = civil.ok().and_then(|civil| civil.to_zoned(TimeZone::UTC).ok());
    let message = "must be an RFC 3339 time or a date";
    zoned.map(|zoned| zoned.timestamp()).ok_or_else(|| Error::invalid(field, message))
}

/// The moment in UTC, to the second: `2026-01-31T12:00:00Z`.
pub fn to_the_second(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The moment in UTC, to the millisecond: `2026-01-31T12:00:00.000Z`.
pub fn to_the_millisecond(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
