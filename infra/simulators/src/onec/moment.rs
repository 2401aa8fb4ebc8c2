//! Days and moments as they are written in requests: ISO 8601 in UTC, with an offset, or in
//! the time of the place.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Milliseconds of an hour.
pub(super) const HOUR: i64 = 3_600_000;
/// Milliseconds of a day.
const DAY: i64 = 24 * HOUR;
/// The hours that count as a night, until the second and from the first.
const NIGHT: (i64, i64) = (22, 6);

/// `YYYY-MM-DD` and nothing else.
pub(super) fn day(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// A moment, in the time of the place.
pub(super) fn local(text: &str, place: Offset) -> Option<DateTime> {
    let exact = text.parse::<Timestamp>().map(|moment| place.to_datetime(moment));
    exact.or_else(|_| text.parse()).ok()
}

/// Midnight of a day of the place, told in UTC.
pub(super) fn midnight(day: Date, place: Offset) -> Option<Timestamp> {
    let midnight = day.at(0, 0, 0, 0).to_zoned(TimeZone::fixed(place)).ok()?;
    Some(midnight.timestamp())
}

/// How much of a time is by day, and how much by night, in milliseconds.
pub(super) fn day_and_night(from: DateTime, milliseconds: i64) -> (i64, i64) {
    let since = from.time().duration_since(jiff::civil::Time::midnight());
    let start = i64::try_from(since.as_millis()).unwrap_or_default();
    let end = start + milliseconds;
    let mut by_day = 0;
    for midnight in (0..=end / DAY).map(|days| days * DAY) {
        let (morning, evening) = (midnight + NIGHT.1 * HOUR, midnight + NIGHT.0 * HOUR);
        by_day += (end.min(evening) - start.max(morning)).max(0);
    }
    (by_day, milliseconds - by_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_the_time_of_the_place() {
        let check = |text: &str, told: Option<&str>| {
            let expected = told.map(|told| told.parse::<DateTime>().unwrap());
            assert_eq!(local(text, jiff::tz::offset(3)), expected, "{text}");
        };
        check("2018-08-01T00:00:00Z", Some("2018-08-01T03:00:00"));
        check("2018-08-01T22:30:00Z", Some("2018-08-02T01:30:00"));
        check("2018-08-01T00:00:00+03:00", Some("2018-08-01T00:00:00"));
        check("2018-08-01T00:00:00.250+05:00", Some("2018-07-31T22:00:00.250"));
        check("2018-08-01T19:00:00", Some("2018-08-01T19:00:00"));
        check("2018-08-01", Some("2018-08-01T00:00:00"));
        // As the vendor's tables misprint it.
        check("2018-08-01T07:00:00:00Z", None);
        check("01.08.2018", None);
        check("", None);
    }

    #[test]
    fn days_are_days_only() {
        let check = |text: &str, is: bool| assert_eq!(day(text).is_some(), is, "{text}");
        check("2018-02-28", true);
        check("2018-02-29", false);
        check("2019-01-0", false);
        check("2018-02-28T00:00:00", false);
        check("20180228", false);
    }

    #[test]
    fn nights_are_from_ten_to_six() {
        let check = |from: &str, hours: i64, by_day: i64, by_night: i64| {
            let split = day_and_night(from.parse().unwrap(), hours * HOUR);
            assert_eq!(split, (by_day * HOUR, by_night * HOUR), "{from} + {hours}");
        };
        check("2018-08-01T08:00:00", 8, 8, 0);
        check("2018-08-01T19:00:00", 12, 4, 8);
        check("2018-08-01T22:00:00", 8, 0, 8);
        check("2018-08-01T00:00:00", 7, 1, 6);
        check("2018-08-01T05:00:00", 48, 32, 16);
    }

    #[test]
    fn midnights_of_moscow_are_of_the_evening_before_in_utc() {
        let told = midnight(jiff::civil::date(2018, 3, 28), jiff::tz::offset(3)).unwrap();
        assert_eq!(told.to_string(), "2018-03-27T21:00:00Z");
    }
}
