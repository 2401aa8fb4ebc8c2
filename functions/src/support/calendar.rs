//! When something is due that may only take so much working time: a pure rule of business
//! hours. Time is counted on the clock of the world, so a day on which clocks go forward
//! has an hour less, and due is a moment, whoever is alive then.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de};
use shared::clock::timestamp;

/// How many days are looked at for one end; a calendar that is closed for longer is taken for
/// one that never opens.
const MOST_DAYS: usize = 3660;

/// Business hours.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Where its clock hangs: a name of the IANA time zone database.
    #[serde(deserialize_with = "zone")]
    zone: TimeZone,
    /// When it is open, by days of the week; a day that is not named is closed.
    week: Week,
    /// Days on which it is closed whatever the week says.
    #[serde(default)]
    holidays: Vec<Date>,
}

/// The stretches of each day in which it is open.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Week {
    monday: Vec<Hours>,
    tuesday: Vec<Hours>,
    wednesday: Vec<Hours>,
    thursday: Vec<Hours>,
    friday: Vec<Hours>,
    saturday: Vec<Hours>,
    sunday: Vec<Hours>,
}

/// One stretch: `09:00-12:30`. `00:00-24:00` is a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hours {
    from: Time,
    /// None at midnight, when the next day begins.
    to: Option<Time>,
}

impl Calendar {
    /// The moment at which so much working time (milliseconds) will have passed since `start`
    /// (milliseconds since 1970). Without a stretch that is ever open it passes as always.
    pub fn after(&self, start: i64, working_ms: i64) -> i64 {
        let mut left = working_ms.max(0);
        let mut date = timestamp(start).to_zoned(self.zone.clone()).date();
        for _ in 0..MOST_DAYS {
            for (from, to) in self.open(date) {
                let from = from.max(start);
                if to <= from {
                    continue;
                }
                if left <= to - from {
                    return from + left;
                }
                left -= to - from;
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        start.saturating_add(working_ms)
    }

    /// The stretches of a day in which it is open, as moments, in order. What overlaps counts
    /// once.
    fn open(&self, date: Date) -> Vec<(i64, i64)> {
        if self.holidays.contains(&date) {
            return Vec::new();
        }
        let mut hours = self.week.of(date.weekday()).clone();
        hours.sort_unstable();
        let mut open: Vec<(i64, i64)> = Vec::new();
        for stretch in hours {
            let from = self.moment(date, stretch.from);
            let to = match (stretch.to, date.tomorrow()) {
                (Some(to), _) => self.moment(date, to),
                (None, Ok(next)) => self.moment(next, Time::midnight()),
                (None, Err(_)) => continue,
            };
            let from = open.last().map_or(from, |(_, last)| from.max(*last));
            if from < to {
                open.push((from, to));
            }
        }
        open
    }

    /// When a clock of the zone shows this. A time that is left out when clocks go forward is
    /// as much later as they do; of a time that comes twice it is the first.
    fn moment(&self, date: Date, time: Time) -> i64 {
        let moment = self.zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible();
        moment.map_or(Timestamp::MAX, |moment| moment).as_millisecond()
    }
}

impl Week {
    fn of(&self, day: Weekday) -> &Vec<Hours> {
        match day {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        }
    }
}

impl Hours {
    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let time = |text: &str| -> Option<Time> {
            let (hour, minute) = text.trim().split_once(':')?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let (from, to) = (time(from)?, Some(to.trim()).filter(|to| *to != "24:00").map(time));
        match to {
            None => Some(Self { from, to: None }),
            Some(to) => to.filter(|to| from < *to).map(|to| Self { from, to: Some(to) }),
        }
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom(format!("'{text}' must be like 09:00-17:30"));
        Self::parse(&text).ok_or_else(wrong)
    }
}

fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    crate::zone::zone(&name).ok_or_else(|| de::Error::custom(format!("'{name}' is no time zone")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: &str = "zone = 'Europe/Berlin'
        holidays = ['2026-12-25', '2026-12-26']
        [week]
        monday = ['09:00-12:00', '13:00-17:00']
        tuesday = ['09:00-12:00', '13:00-17:00']
        wednesday = ['09:00-12:00', '13:00-17:00']
        thursday = ['09:00-12:00', '13:00-17:00']
        friday = ['13:00-17:00', '09:00-12:00', '11:00-12:00']";

    fn check(calendar: &str, start: &str, hours: i64, due: &str) -> anyhow::Result<()> {
        let calendar: Calendar = toml::from_str(calendar)?;
        let start: Timestamp = start.parse()?;
        let end = calendar.after(start.as_millisecond(), hours * 3_600_000);
        assert_eq!(timestamp(end), due.parse()?, "{start} and {hours} h");
        Ok(())
    }

    /// Each is a case that another system got wrong; its report stands beside it.
    #[test]
    fn working_time_passes_in_business_hours_alone() -> anyhow::Result<()> {
        // Within a stretch, and over lunch (frappe/helpdesk#2212).
        check(OFFICE, "2026-06-01T09:00:00+02:00", 1, "2026-06-01T10:00:00+02:00")?;
        check(OFFICE, "2026-06-01T11:30:00+02:00", 1, "2026-06-01T13:30:00+02:00")?;
        // An end at the end of a stretch is not one at the beginning of the next.
        check(OFFICE, "2026-06-01T09:00:00+02:00", 3, "2026-06-01T12:00:00+02:00")?;
        // Asked at night, or on a Saturday (zammad/zammad#904, osTicket#4969).
        check(OFFICE, "2026-06-01T02:00:00+02:00", 1, "2026-06-01T10:00:00+02:00")?;
        check(OFFICE, "2026-06-06T10:00:00+02:00", 1, "2026-06-08T10:00:00+02:00")?;
        // Over a weekend, and over holidays and a weekend (zammad/zammad#390).
        check(OFFICE, "2026-06-05T16:00:00+02:00", 4, "2026-06-08T12:00:00+02:00")?;
        check(OFFICE, "2026-12-24T16:00:00+01:00", 8, "2026-12-28T17:00:00+01:00")?;
        // A day that another clock has already, or not yet (glpi-project/glpi#15429).
        check(OFFICE, "2026-06-05T23:30:00-07:00", 1, "2026-06-08T10:00:00+02:00")?;
        check(OFFICE, "2026-06-07T23:30:00Z", 1, "2026-06-08T10:00:00+02:00")?;
        // What overlaps counts once.
        check(OFFICE, "2026-06-05T09:00:00+02:00", 4, "2026-06-05T14:00:00+02:00")
    }

    #[test]
    fn a_stretch_within_another_one_adds_nothing() -> anyhow::Result<()> {
        let week = "zone = 'UTC'
            [week]
            monday = ['09:00-17:00', '10:00-11:00', '12:00-16:00']";
        check(week, "2026-06-01T09:30:00Z", 7, "2026-06-01T16:30:00Z")
    }

    const ALWAYS: &str = "zone = 'Europe/Berlin'
        [week]
        saturday = ['00:00-24:00']
        sunday = ['00:00-24:00']";

    #[test]
    fn days_on_which_clocks_change_are_shorter_or_longer() -> anyhow::Result<()> {
        check(ALWAYS, "2026-03-28T12:00:00+01:00", 24, "2026-03-29T13:00:00+02:00")?;
        check(ALWAYS, "2026-10-24T12:00:00+02:00", 24, "2026-10-25T11:00:00+01:00")?;
        // From one weekend into the next, with the hour that the first one lacks.
        check(ALWAYS, "2026-03-28T00:00:00+01:00", 48, "2026-04-04T01:00:00+02:00")?;
        let gap = "zone = 'Europe/Berlin'\n[week]\nsunday = ['02:30-04:00']";
        check(gap, "2026-03-29T00:00:00+01:00", 1, "2026-04-05T03:00:00+02:00")
    }

    #[test]
    fn what_never_opens_does_not_hold_anybody_up_for_ever() -> anyhow::Result<()> {
        let closed = "zone = 'UTC'\nweek = {}";
        check(closed, "2026-06-01T09:00:00Z", 4, "2026-06-01T13:00:00Z")?;
        check(OFFICE, "2026-06-01T09:00:00+02:00", 0, "2026-06-01T09:00:00+02:00")
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        for (text, told) in [
            ("zone = 'Mars/Base'\nweek = {}", "'Mars/Base' is no time zone"),
            ("zone = 'UTC'\n[week]\nmonday = ['9-17']", "'9-17' must be like"),
            ("zone = 'UTC'\n[week]\nmonday = ['17:00-09:00']", "'17:00-09:00' must be like"),
            ("zone = 'UTC'\n[week]\nmonday = ['09:00-25:00']", "'09:00-25:00' must be like"),
            ("zone = 'UTC'\n[week]\nmoonday = ['09:00-12:00']", "moonday"),
            ("zone = 'UTC'\nholidays = ['2026-02-30']\nweek = {}", "2026-02-30"),
        ] {
            let refused = toml::from_str::<Calendar>(text).err().map(|error| error.to_string());
            assert!(refused.as_ref().is_some_and(|it| it.contains(told)), "{text}: {refused:?}");
        }
    }
}
