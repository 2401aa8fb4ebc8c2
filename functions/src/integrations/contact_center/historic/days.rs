//! Days of a place, and intervals that are cut from their beginnings.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::clock::timestamp;

/// The day that a moment is in, and its first moment and the next day's, milliseconds since
/// 1970.
pub fn day_of(at: i64, place: &TimeZone) -> (Date, i64, i64) {
    let day = timestamp(at).to_zoned(place.clone()).date();
    let first = |day: Date| {
        let zoned = day.to_zoned(place.clone());
        zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
    };
    (day, first(day), day.tomorrow().map_or(i64::MAX, first))
}

/// The interval that a moment is in: cut from the beginning of its day, the last one of a day
/// ends with it.
pub fn interval_of(at: i64, step: i64, place: &TimeZone) -> (i64, i64) {
    let (_, midnight, next) = day_of(at, place);
    let start = midnight + (at - midnight) / step * step;
    (start, next.min(start + step))
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    fn ms(text: &str) -> Result<i64, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond)
    }

    /// The interval of so many minutes that a moment is in, and where that is.
    fn check(
        (at, minutes, place): (&str, i64, &TimeZone),
        start: &str,
        end: &str,
    ) -> anyhow::Result<()> {
        let interval = interval_of(ms(at)?, minutes * 60_000, place);
        assert_eq!(interval, (ms(start)?, ms(end)?), "{at} {minutes}");
        Ok(())
    }

    #[test]
    fn intervals_are_cut_from_midnight() -> anyhow::Result<()> {
        let utc = TimeZone::UTC;
        let moscow = TimeZone::fixed(jiff::tz::offset(3));
        for at in ["2024-01-01T10:44:59Z", "2024-01-01T10:30:00Z"] {
            check((at, 30, &utc), "2024-01-01T10:30:00Z", "2024-01-01T11:00:00Z")?;
        }
        let late = "2024-01-01T23:00:00Z";
        check((late, 1440, &moscow), "2024-01-01T21:00:00Z", "2024-01-02T21:00:00Z")?;
        // Seven hours do not fit into a day: its last interval ends with it.
        check((late, 420, &utc), "2024-01-01T21:00:00Z", "2024-01-02T00:00:00Z")?;
        let next = "2024-01-02T00:00:00Z";
        check((next, 420, &utc), next, "2024-01-02T07:00:00Z")
    }

    #[test]
    fn a_day_may_have_23_hours() -> anyhow::Result<()> {
        let berlin = crate::zone::zone("Europe/Berlin").context("a zone")?;
        let (day, start, end) = day_of(ms("2026-03-29T20:00:00Z")?, &berlin);
        assert_eq!((day.to_string().as_str(), end - start), ("2026-03-29", 23 * 3_600_000));
        Ok(())
    }
}
