//! A production calendar: which days of a year are worked in a week of five days, and which
//! of them are an hour shorter because a holiday follows. Pure.
//! Source: the calendars that the government of Russia publishes each year; those of 2018 and
//! 2023 are built in.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use utoipa::ToSchema;

use super::moment::days;

const BUILT_IN: [(i16, &str); 2] =
    [(2018, include_str!("calendars/2018.toml")), (2023, include_str!("calendars/2023.toml"))];

/// What is not as the days of the week say: Saturdays and Sundays off, all others worked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDays {
    /// Days from Monday to Friday that are not worked, and any holidays on other days.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 366, example = json!(["2018-01-01"]))]
    pub days_off: BTreeSet<Date>,
    /// Saturdays and Sundays that are worked.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 104)]
    pub working_days: BTreeSet<Date>,
    /// Working days that are an hour shorter.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 366)]
    pub short_days: BTreeSet<Date>,
}

/// Working days of a period, and the shorter ones among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// All of them.
    pub days: i64,
    /// Those an hour shorter.
    pub short: i64,
}

impl CalendarDays {
    /// The calendar of a year that is built in.
    pub fn built_in(year: i16) -> Result<Option<Self>> {
        let text = BUILT_IN.iter().find(|(of, _)| *of == year).map(|(_, text)| *text);
        text.map(toml::from_str).transpose().map_err(Error::internal)
    }

    /// The same, if it can be one of this year.
    ///
    /// # Errors
    /// `Invalid`, naming the list.
    pub fn checked(self, year: i16) -> Result<Self> {
        let is_weekend = |day: &Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if self.days_off.is_empty() {
            return Err(Error::invalid("days_off", "must not be empty"));
        }
        for (name, list) in [
            ("days_off", &self.days_off),
            ("working_days", &self.working_days),
            ("short_days", &self.short_days),
        ] {
            if let Some(day) = list.iter().find(|day| day.year() != year) {
                return Err(Error::invalid(name, format!("has {day}, which is not in {year}")));
            }
        }
        if let Some(day) = self.working_days.iter().find(|day| !is_weekend(day)) {
            let message = format!("has {day}, which is neither Saturday nor Sunday");
            return Err(Error::invalid("working_days", message));
        }
        if let Some(day) = self.working_days.intersection(&self.days_off).next() {
            return Err(Error::invalid("working_days", format!("has {day}, which is a day off")));
        }
        if let Some(day) = self.short_days.iter().find(|day| !self.is_worked(**day)) {
            return Err(Error::invalid("short_days", format!("has {day}, which is not worked")));
        }
        Ok(self)
    }

    /// Whether a day of its year is worked.
    pub fn is_worked(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if weekend { self.working_days.contains(&day) } else { !self.days_off.contains(&day) }
    }

    /// What is worked from one day of its year to another, both included.
    pub fn worked(&self, from: Date, to: Date) -> Worked {
        let (mut worked, all) = (Worked::default(), days(from, to));
        for day in all.filter(|day| self.is_worked(*day)) {
            worked.days += 1;
            worked.short += i64::from(self.short_days.contains(&day));
        }
        worked
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    fn built_in(year: i16) -> anyhow::Result<CalendarDays> {
        Ok(CalendarDays::built_in(year)?.context("a calendar")?.checked(year)?)
    }

    #[test]
    fn built_in_calendars_have_the_days_that_were_published() -> anyhow::Result<()> {
        for (from, to, days, short) in [
            ("2018-01-01", "2018-12-31", 247, 6),
            ("2018-04-01", "2018-12-31", 191, 4),
            ("2018-06-29", "2018-12-31", 131, 1),
            ("2018-01-03", "2018-05-21", 89, 4),
            ("2023-01-01", "2023-03-31", 57, 2),
            ("2023-04-01", "2023-06-30", 61, 0),
            ("2023-07-01", "2023-09-30", 65, 0),
            ("2023-10-01", "2023-12-31", 64, 1),
            ("2018-04-28", "2018-05-02", 1, 1),
        ] {
            let (from, to): (Date, Date) = (from.parse()?, to.parse()?);
            let worked = built_in(from.year())?.worked(from, to);
            assert_eq!(worked, Worked { days, short }, "{from} to {to}");
        }
        assert_eq!(CalendarDays::built_in(2024)?, None);
        Ok(())
    }

    #[test]
    fn a_calendar_that_cannot_be_one_is_refused_by_its_list() -> anyhow::Result<()> {
        let one = |off: &str, worked: &str, short: &str| -> anyhow::Result<CalendarDays> {
            let list = |days: &str| -> anyhow::Result<BTreeSet<Date>> {
                Ok(days.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
            };
            let (days_off, working_days, short_days) = (list(off)?, list(worked)?, list(short)?);
            Ok(CalendarDays { days_off, working_days, short_days })
        };
        for (off, worked, short, field) in [
            ("", "", "", "days_off"),
            ("2025-12-31", "", "", "days_off"),
            ("2026-01-01", "2027-01-02", "", "working_days"),
            ("2026-01-01", "2026-01-05", "", "working_days"),
            ("2026-01-03", "2026-01-03", "", "working_days"),
            ("2026-01-01", "", "2026-01-01", "short_days"),
            ("2026-01-01", "", "2026-01-03", "short_days"),
        ] {
            let refused = one(off, worked, short)?.checked(2026).err().context(field)?;
            assert_eq!(refused.fields[0].field, field, "{off} {worked} {short}");
        }
        one("2026-01-01 2026-01-04", "2026-01-03", "2026-01-03")?.checked(2026)?;
        Ok(())
    }
}
