//! Days and moments, as 1C and its vendor's document write them: ISO 8601 in UTC, with an
//! offset, or in the time of the place. Nights are from 22:00 to 06:00.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use shared::error::{Error, Result};

/// Milliseconds of an hour.
pub const HOUR: i64 = 3_600_000;
/// Milliseconds of a day.
pub const DAY: i64 = 24 * HOUR;
/// When the night ends and begins, in hours after midnight.
const NIGHT: (i64, i64) = (6, 22);
/// The longest period that is asked for, in days: ten years.
const LONGEST: i64 = 3660;

/// A time in milliseconds, what of it is by day and what by night.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// From 06:00 to 22:00.
    pub day: i64,
    /// From 22:00 to 06:00.
    pub night: i64,
}

impl Split {
    /// Both together.
    pub fn total(self) -> i64 {
        self.day.saturating_add(self.night)
    }

    /// This and that.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        let (day, night) =
            (self.day.saturating_add(more.day), self.night.saturating_add(more.night));
        Self { day, night }
    }

    /// Without a break of so much, which is taken by day as far as that goes.
    #[must_use]
    pub fn without(self, pause: i64) -> Self {
        let by_day = pause.min(self.day);
        Self { day: self.day - by_day, night: (self.night - (pause - by_day)).max(0) }
    }
}

/// A moment in the time of the place; one without a zone is told in it already.
pub fn local(text: &str, zone: &TimeZone) -> Option<DateTime> {
    let exact = text.parse::<Timestamp>().map(|moment| moment.to_zoned(zone.clone()).datetime());
    exact.or_else(|_| text.parse()).ok()
}

/// What of a time that begins at this hour of the place is by day and by night.
pub fn split(from: Time, milliseconds: i64) -> Split {
    let since = from.duration_since(Time::midnight());
    let start = i64::try_from(since.as_millis()).unwrap_or_default();
    let end = start + milliseconds;
    let mut day = 0;
    for midnight in (0..=end / DAY).map(|days| days * DAY) {
        let (morning, evening) = (midnight + NIGHT.0 * HOUR, midnight + NIGHT.1 * HOUR);
        day += (end.min(evening) - start.max(morning)).max(0);
    }
    Split { day, night: milliseconds - day }
}

/// Milliseconds as hours, to the hundredth.
pub fn hours(milliseconds: i64) -> f64 {
    (milliseconds as f64 / HOUR as f64 * 100.0).round() / 100.0
}

/// Each day of a period, first and last included.
pub fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.tomorrow().ok()).take_while(move |day| *day <= to)
}

/// A day that a caller gives.
///
/// # Errors
/// `Invalid`, naming `field`.
pub fn day(field: &str, text: &str) -> Result<Date> {
    let read = if text.len() == "2026-01-31".len() { text.parse().ok() } else { None };
    let read = read.filter(|day: &Date| (1900..=2200).contains(&day.year()));
    read.ok_or_else(|| Error::invalid(field, "must be a date such as 2026-01-31"))
}

/// First and last day of a period that a caller gives.
///
/// # Errors
/// `Malformed`, in the contract's words, when it ends before it begins; `Invalid` when it is
/// longer than ten years.
pub fn period(from: Date, to: Date) -> Result<(Date, Date)> {
    if to < from {
        let message = "end_date must be after start_date";
        return Err(Error::malformed(message).field("end_date", "must be after start_date"));
    }
    if i64::from(from.until(to).map_or(i32::MAX, |span| span.get_days())) > LONGEST {
        return Err(Error::invalid("end_date", "must be at most ten years after start_date"));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::zone;

    #[test]
    fn moments_are_told_in_the_time_of_the_place() -> anyhow::Result<()> {
        let moscow = zone("Europe/Moscow").unwrap_or(TimeZone::UTC);
        let check = |text: &str, told: Option<&str>| -> anyhow::Result<()> {
            let expected = told.map(str::parse::<DateTime>).transpose()?;
            assert_eq!(local(text, &moscow), expected, "{text}");
            Ok(())
        };
        // The vendor's own: local midnight shown in UTC.
        check("2018-03-27T21:00:00Z", Some("2018-03-28T00:00:00"))?;
        check("2018-03-27T20:59:59Z", Some("2018-03-27T23:59:59"))?;
        check("2018-08-01T00:00:00+05:00", Some("2018-07-31T22:00:00"))?;
        check("2018-08-01T19:00:00", Some("2018-08-01T19:00:00"))?;
        check("2018-08-01", Some("2018-08-01T00:00:00"))?;
        check("01.08.2018", None)?;
        check("", None)
    }

    #[test]
    fn nights_are_from_ten_to_six() -> anyhow::Result<()> {
        let check = |from: &str, hours: i64, day: i64, night: i64| -> anyhow::Result<()> {
            let expected = Split { day: day * HOUR, night: night * HOUR };
            assert_eq!(split(from.parse()?, hours * HOUR), expected, "{from} + {hours}");
            Ok(())
        };
        check("08:00", 8, 8, 0)?;
        check("19:00", 12, 4, 8)?;
        check("22:00", 8, 0, 8)?;
        check("00:00", 7, 1, 6)?;
        check("05:00", 48, 32, 16)
    }

    #[test]
    fn a_break_is_taken_by_day_as_far_as_that_goes() {
        let shift = Split { day: 4 * HOUR, night: 8 * HOUR };
        assert_eq!(shift.without(HOUR), Split { day: 3 * HOUR, night: 8 * HOUR });
        assert_eq!(shift.without(6 * HOUR), Split { day: 0, night: 6 * HOUR });
        assert_eq!(shift.without(13 * HOUR), Split::default());
    }

    #[test]
    fn periods_end_after_they_begin() -> anyhow::Result<()> {
        let (first, last) = (day("a", "2026-01-01")?, day("b", "2026-01-31")?);
        assert_eq!(period(first, first)?, (first, first));
        let refused = period(last, first).err().map(|error| error.detail);
        assert_eq!(refused.as_deref(), Some("end_date must be after start_date"));
        assert!(period(first, day("b", "2036-12-31")?).is_err());
        for wrong in ["", "2026-02-30", "20260131", "2026-01-31T00:00:00", "0001-01-01"] {
            assert!(day("start_date", wrong).is_err(), "{wrong}");
        }
        Ok(())
    }
}
