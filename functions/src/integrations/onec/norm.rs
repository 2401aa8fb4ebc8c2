//! The norm of hours of a period, computed here. Pure.
//! Source: Argus's requirements to the integration with 1C:ZUP, method `getNormHours`: norm of
//! the week / 5 × working days − an hour for each day before a holiday. The rate is in the
//! norm of the week already and is not multiplied again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use shared::error::Result;

use super::calendar::CalendarDays;
use super::read::Members;

/// Calendars by year.
pub type Years = BTreeMap<i16, CalendarDays>;

/// Norms of the week, each from its day on, in order; at least one. Before its first day the
/// first one holds as well.
#[derive(Clone, Debug, PartialEq)]
pub struct Norms(Vec<Norm>);

/// Hours a week, in hundredths, since a day.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Norm {
    since: Option<Date>,
    hundredths: i64,
}

impl Norms {
    /// One norm, or none when it is not above nothing and at most all hours of a week.
    pub fn of(week: f64, since: Option<Date>) -> Option<Self> {
        let fits = week > 0.0 && week <= 168.0;
        fits.then(|| Self(vec![Norm { since, hundredths: (week * 100.0).round() as i64 }]))
    }

    /// Reads the vendor's `AR_norms`.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub fn read(one: &Members<'_>) -> Result<Self> {
        let mut norms = Vec::new();
        for norm in one.list("AR_norms")? {
            let since = norm.maybe_day("changeDate", &jiff::tz::TimeZone::UTC)?;
            let read = Self::of(norm.number("normWeek")?, since);
            let read =
                read.ok_or_else(|| norm.wrong("normWeek", "must be above 0, at most 168"))?;
            norms.extend(read.0);
        }
        norms.sort_by_key(|norm| norm.since);
        if norms.is_empty() {
            return Err(one.wrong("AR_norms", "must not be empty"));
        }
        Ok(Self(norms))
    }

    /// As the vendor has them.
    pub fn vendor(&self) -> Json {
        let norms = self.0.iter().map(|norm| {
            let mut one = json!({ "normWeek": number(norm.hundredths, 100) });
            if let Some(since) = norm.since {
                one["changeDate"] = json!(since);
            }
            one
        });
        norms.collect()
    }

    /// The norm of a period in thousandths of an hour; none when the calendar of one of its
    /// years is not there.
    pub fn thousandths(&self, years: &Years, from: Date, to: Date) -> Option<i64> {
        let mut thousandths = 0;
        for (at, norm) in self.0.iter().enumerate() {
            let since = norm.since.filter(|_| at > 0).map_or(from, |since| since.max(from));
            let next = self.0.get(at + 1).and_then(|next| next.since?.yesterday().ok());
            let until = next.map_or(to, |last| last.min(to));
            for year in since.year()..=until.year() {
                let ends = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
                let (first, last) = (since.max(ends.0), until.min(ends.1));
                if first > last {
                    continue;
                }
                let worked = years.get(&year)?.worked(first, last);
                // A fifth of a hundredth is two thousandths.
                thousandths += norm.hundredths * 2 * worked.days - 1000 * worked.short;
            }
        }
        Some(thousandths)
    }
}

/// So many parts, without a fraction where there is none.
pub fn number(parts: i64, of: i64) -> Json {
    if parts % of == 0 { json!(parts / of) } else { json!(parts as f64 / of as f64) }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::super::read::Writer;
    use super::*;

    fn years() -> anyhow::Result<Years> {
        let built_in = |year| anyhow::Ok((year, CalendarDays::built_in(year)?.context("one")?));
        Ok(Years::from([built_in(2018)?, built_in(2023)?]))
    }

    fn check(week: f64, from: &str, to: &str, hours: f64) -> anyhow::Result<()> {
        let norms = Norms::of(week, None).context("a norm")?;
        let found = norms.thousandths(&years()?, from.parse()?, to.parse()?);
        assert_eq!(found, Some((hours * 1000.0).round() as i64), "{week} from {from} to {to}");
        Ok(())
    }

    #[test]
    fn norms_are_those_of_the_vendor_s_table() -> anyhow::Result<()> {
        // Cells with a rate are the norm times the rate; that of 36 hours and a quarter is
        // misprinted there.
        for (from, to, rows) in [
            (
                "2018-01-01",
                "2018-12-31",
                [
                    (40.0, 1.0, 1970.0),
                    (36.0, 1.0, 1772.4),
                    (40.0, 0.5, 985.0),
                    (30.0, 0.75, 1107.0),
                ],
            ),
            (
                "2018-04-01",
                "2018-12-31",
                [
                    (40.0, 1.0, 1524.0),
                    (36.0, 1.0, 1371.2),
                    (36.0, 0.75, 1028.4),
                    (30.0, 1.0, 1142.0),
                ],
            ),
            (
                "2018-06-29",
                "2018-12-31",
                [(40.0, 1.0, 1047.0), (36.0, 1.0, 942.2), (36.0, 0.75, 706.65), (30.0, 1.0, 785.0)],
            ),
            (
                "2018-01-03",
                "2018-05-21",
                [(40.0, 1.0, 708.0), (36.0, 1.0, 636.8), (36.0, 0.75, 477.6), (30.0, 1.0, 530.0)],
            ),
        ] {
            for (week, rate, hours) in rows {
                check(week, from, to, hours / rate)?;
            }
        }
        for (from, to, hours) in [
            ("2023-01-01", "2023-03-31", 454.0),
            ("2023-04-01", "2023-06-30", 488.0),
            ("2023-07-01", "2023-09-30", 520.0),
            ("2023-10-01", "2023-12-31", 511.0),
            ("2023-01-01", "2023-12-31", 1973.0),
        ] {
            check(40.0, from, to, hours)?;
        }
        Ok(())
    }

    #[test]
    fn a_norm_that_changes_holds_from_its_day_on() -> anyhow::Result<()> {
        let agent = serde_json::json!({"AR_norms": [
            {"normWeek": 20, "changeDate": "2023-07-01"},
            {"normWeek": "40", "changeDate": "2020-01-01"},
        ]});
        let norms = Norms::read(&Members::of(&agent, "", Writer::Caller)?)?;
        let sum = norms.thousandths(&years()?, "2023-04-01".parse()?, "2023-09-30".parse()?);
        assert_eq!(sum, Some((488 + 260) * 1000));
        let early = norms.thousandths(&years()?, "2018-01-01".parse()?, "2018-12-31".parse()?);
        assert_eq!(early, Some(1_970_000));
        let expected = serde_json::json!([{"normWeek": 40, "changeDate": "2020-01-01"},
            {"normWeek": 20, "changeDate": "2023-07-01"}]);
        assert_eq!(norms.vendor(), expected);
        Ok(())
    }

    #[test]
    fn without_the_calendar_of_a_year_there_is_no_norm() -> anyhow::Result<()> {
        let norms = Norms::of(40.0, None).context("a norm")?;
        let years = years()?;
        assert_eq!(norms.thousandths(&years, "2018-12-01".parse()?, "2019-01-31".parse()?), None);
        assert!(Norms::of(0.0, None).is_none() && Norms::of(169.0, None).is_none());
        Ok(())
    }
}
