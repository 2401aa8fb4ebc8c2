//! When a notice goes out: a pure rule of the moment, how much it matters, quiet hours
//! and a digest. Ends are moments, so a notice goes out at them whoever is alive.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use shared::clock::timestamp;
use shared::error::{Error, Result};
use utoipa::ToSchema;

use crate::messages::Severity;
use crate::zone::zone;

/// What is told this shortly before an end, in milliseconds, waits for a later one: by
/// the end everything that goes out then has surely been written.
const SETTLE: i64 = 30_000;

/// Hours in which people are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When they begin, by the clock on the wall.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "22:00")]
    from: String,
    /// When they end, on the next day if that is not later than they begin.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "07:00")]
    to: String,
    /// Where that clock hangs: a name of the IANA time zone database.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    time_zone: String,
    /// The days on which they begin; every day when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 7)]
    days: Option<Vec<Day>>,
    /// What matters so much goes out at once all the same; `critical` when not given.
    #[serde(default = "critical")]
    #[schema(required = false)]
    let_through: Severity,
}

/// That notices are collected, and go out as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// How often it goes out, 5 to 1440 minutes, counted from midnight of UTC of the
    /// first day of 1970.
    #[schema(minimum = 5, maximum = 1440)]
    every_minutes: i64,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// The first working day.
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The first day of the weekend.
    Saturday,
    /// The second.
    Sunday,
}

/// Quiet hours as they are reckoned with.
struct Hours {
    from: Time,
    to: Time,
    zone: TimeZone,
}

fn critical() -> Severity {
    Severity::Critical
}

/// Until when something that is told at `now` is held back (milliseconds since 1970); none
/// when it goes out at once.
pub fn held_until(
    now: i64,
    severity: Severity,
    quiet: Option<&QuietHours>,
    digest: Option<Digest>,
) -> Option<i64> {
    if quiet.is_some_and(|quiet| severity >= quiet.let_through) {
        return None;
    }
    let collected = digest.map(|digest| digest.end(now));
    let quiet_until = quiet.and_then(|quiet| quiet.end(collected.unwrap_or(now)));
    let until = quiet_until.or(collected)?;
    Some(if until - now < SETTLE { until + SETTLE } else { until })
}

impl Digest {
    /// # Errors
    /// `Invalid`, naming the member below `digest`.
    pub fn check(self) -> Result<()> {
        let fits = (5..=1440).contains(&self.every_minutes);
        let wrong = || Error::invalid("digest.every_minutes", "must be between 5 and 1440");
        fits.then_some(()).ok_or_else(wrong)
    }

    /// When the one goes out that something told at `now` is collected for.
    fn end(self, now: i64) -> i64 {
        let every = self.every_minutes * 60_000;
        ((now + SETTLE).div_euclid(every) + 1) * every
    }
}

impl QuietHours {
    /// # Errors
    /// `Invalid`, naming the member below `quiet_hours`.
    pub fn check(&self) -> Result<()> {
        let wrong =
            |member: &str, message| Err(Error::invalid(&format!("quiet_hours.{member}"), message));
        match (wall_clock(&self.from), wall_clock(&self.to)) {
            (None, _) => return wrong("from", "must be a time like 22:00"),
            (_, None) => return wrong("to", "must be a time like 07:00"),
            (from, to) if from == to => return wrong("to", "must be another time than from"),
            _ => {}
        }
        if self.days.as_ref().is_some_and(Vec::is_empty) {
            return wrong("days", "must be at least one day");
        }
        if zone(&self.time_zone).is_none() {
            return wrong("time_zone", "is no name of the IANA time zone database");
        }
        Ok(())
    }

    /// When the quiet hours end that this moment lies in; none when it lies in none.
    fn end(&self, at: i64) -> Option<i64> {
        let hours = Hours {
            from: wall_clock(&self.from)?,
            to: wall_clock(&self.to)?,
            zone: zone(&self.time_zone)?,
        };
        let at = timestamp(at);
        let today = at.to_zoned(hours.zone.clone()).date();
        let began = [today.yesterday().ok()?, today];
        let began = began.into_iter().filter(|day| self.begin_on(day.weekday()));
        let ends = began.filter_map(|day| hours.on(day));
        let ends = ends.filter(|(from, to)| (*from..*to).contains(&at));
        ends.map(|(_, to)| to.as_millisecond()).max()
    }

    fn begin_on(&self, day: Weekday) -> bool {
        let number = usize::from(day.to_monday_zero_offset().unsigned_abs());
        self.days.as_ref().is_none_or(|days| days.iter().any(|one| *one as usize == number))
    }
}

impl Hours {
    /// From when to when they are, if they begin on this day. A time that the clock leaves
    /// out in spring is the one an hour later; of one that comes twice it is the first.
    fn on(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let end = if self.to > self.from { day } else { day.checked_add(1.day()).ok()? };
        let moment = |day: Date, time: Time| {
            let zoned = day.to_datetime(time).to_zoned(self.zone.clone());
            zoned.ok().map(|zoned| zoned.timestamp())
        };
        Some((moment(day, self.from)?, moment(end, self.to)?))
    }
}

fn wall_clock(text: &str) -> Option<Time> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok())?
    };
    Time::new(number(hours)?, number(minutes)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    const NIGHT: fn() -> Json =
        || json!({ "from": "22:00", "to": "07:00", "time_zone": "Europe/Berlin" });

    fn check(
        at: &str,
        quiet: Json,
        digest: Option<i64>,
        until: Option<&str>,
    ) -> anyhow::Result<()> {
        check_severity(at, Severity::Error, quiet, digest, until)
    }

    fn check_severity(
        at: &str,
        severity: Severity,
        quiet: Json,
        digest: Option<i64>,
        until: Option<&str>,
    ) -> anyhow::Result<()> {
        let now = at.parse::<Timestamp>()?.as_millisecond();
        let hours: Option<QuietHours> = serde_json::from_value(quiet.clone())?;
        if let Some(hours) = &hours {
            hours.check()?;
        }
        let digest = digest.map(|every_minutes| Digest { every_minutes });
        let held = held_until(now, severity, hours.as_ref(), digest);
        let held = held.map(|held| timestamp(held).to_string());
        assert_eq!(held.as_deref(), until, "{at} {severity:?} {quiet} {digest:?}");
        Ok(())
    }

    #[test]
    fn quiet_hours_hold_back_until_their_end() -> anyhow::Result<()> {
        // Berlin is two hours ahead of UTC in summer.
        check("2026-06-01T12:00:00Z", NIGHT(), None, None)?;
        check("2026-06-01T19:59:59Z", NIGHT(), None, None)?;
        check("2026-06-01T20:00:00Z", NIGHT(), None, Some("2026-06-02T05:00:00Z"))?;
        check("2026-06-02T02:00:00Z", NIGHT(), None, Some("2026-06-02T05:00:00Z"))?;
        check("2026-06-02T05:00:00Z", NIGHT(), None, None)?;
        check("2026-06-02T04:59:45Z", NIGHT(), None, Some("2026-06-02T05:00:30Z"))?;
        let noon = json!({ "from": "12:00", "to": "13:00", "time_zone": "UTC" });
        check("2026-06-01T12:30:00Z", noon.clone(), None, Some("2026-06-01T13:00:00Z"))?;
        check("2026-06-01T13:00:00Z", noon, None, None)?;
        check("2026-06-01T23:30:00Z", json!(null), None, None)
    }

    #[test]
    fn clocks_that_change_change_the_end() -> anyhow::Result<()> {
        // On 29 March 2026 the clock goes from 02:00 to 03:00, on 25 October back.
        check("2026-03-28T22:00:00Z", NIGHT(), None, Some("2026-03-29T05:00:00Z"))?;
        check("2026-10-24T21:00:00Z", NIGHT(), None, Some("2026-10-25T06:00:00Z"))?;
        let gap = json!({ "from": "02:30", "to": "04:00", "time_zone": "Europe/Berlin" });
        check("2026-03-29T01:15:00Z", gap.clone(), None, None)?;
        check("2026-03-29T01:45:00Z", gap.clone(), None, Some("2026-03-29T02:00:00Z"))?;
        // 02:30 comes twice; they begin at the first.
        check("2026-10-25T00:45:00Z", gap.clone(), None, Some("2026-10-25T03:00:00Z"))?;
        check("2026-10-25T00:15:00Z", gap, None, None)
    }

    #[test]
    fn they_begin_on_their_days() -> anyhow::Result<()> {
        let mut weekend = NIGHT();
        weekend["days"] = json!(["friday", "saturday"]);
        // The first of June 2026 is a Monday.
        check("2026-06-01T21:00:00Z", weekend.clone(), None, None)?;
        check("2026-06-05T21:00:00Z", weekend.clone(), None, Some("2026-06-06T05:00:00Z"))?;
        check("2026-06-07T03:00:00Z", weekend.clone(), None, Some("2026-06-07T05:00:00Z"))?;
        check("2026-06-07T21:00:00Z", weekend, None, None)
    }

    #[test]
    fn a_digest_goes_out_at_the_end_of_its_time_and_not_in_quiet_hours() -> anyhow::Result<()> {
        check("2026-06-01T12:07:00Z", json!(null), Some(15), Some("2026-06-01T12:15:00Z"))?;
        check("2026-06-01T12:14:29Z", json!(null), Some(15), Some("2026-06-01T12:15:00Z"))?;
        check("2026-06-01T12:14:31Z", json!(null), Some(15), Some("2026-06-01T12:30:00Z"))?;
        check("2026-06-01T12:00:00Z", json!(null), Some(1440), Some("2026-06-02T00:00:00Z"))?;
        check("2026-06-01T19:50:00Z", NIGHT(), Some(30), Some("2026-06-02T05:00:00Z"))?;
        check("2026-06-01T19:10:00Z", NIGHT(), Some(30), Some("2026-06-01T19:30:00Z"))
    }

    #[test]
    fn what_matters_enough_goes_out_at_once() -> anyhow::Result<()> {
        let night = "2026-06-01T22:00:00Z";
        check_severity(night, Severity::Critical, NIGHT(), None, None)?;
        check_severity(night, Severity::Critical, NIGHT(), Some(60), None)?;
        let mut errors_too = NIGHT();
        errors_too["let_through"] = json!("error");
        check_severity(night, Severity::Error, errors_too.clone(), None, None)?;
        check_severity(night, Severity::Warning, errors_too, None, Some("2026-06-02T05:00:00Z"))
    }

    #[test]
    fn what_are_no_quiet_hours_is_told() -> anyhow::Result<()> {
        for (member, value) in [
            ("from", json!("24:00")),
            ("from", json!("7:00")),
            ("to", json!("07:60")),
            ("to", json!("22:00")),
            ("to", json!("")),
            ("days", json!([])),
            ("time_zone", json!("Europe/Nowhere")),
            ("time_zone", json!("")),
        ] {
            let mut hours = NIGHT();
            hours[member] = value;
            let hours: QuietHours = serde_json::from_value(hours)?;
            let field =
                hours.check().err().and_then(|error| Some(error.fields.first()?.field.clone()));
            assert_eq!(field, Some(format!("quiet_hours.{member}")));
        }
        for (every_minutes, fits) in
            [(4, false), (5, true), (1440, true), (1441, false), (-5, false)]
        {
            assert_eq!(Digest { every_minutes }.check().is_ok(), fits, "{every_minutes}");
        }
        Ok(())
    }
}
