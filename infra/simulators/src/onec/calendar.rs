//! Production calendars: which days are worked, and which of them are an hour shorter.
//! Source: the calendars of Russia for a week of five days; their form is told in
//! `calendars/2018.txt`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, Weekday};

/// The region whose calendar employees have unless another is said.
pub const RUSSIA: &str = "РФ";

/// Calendars by region and year.
pub(super) struct Calendars(BTreeMap<(String, i16), Year>);

#[derive(Default)]
struct Year {
    off: BTreeSet<Date>,
    shorter: BTreeSet<Date>,
}

/// Working days of a period, and those before a holiday among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Worked {
    pub days: i64,
    pub shorter: i64,
}

/// The year of which a calendar has not been filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotFilled(pub i16);

impl Default for Calendars {
    fn default() -> Self {
        let mut calendars = Self(BTreeMap::new());
        for text in [include_str!("calendars/2018.txt"), include_str!("calendars/2023.txt")] {
            calendars.fill(RUSSIA, text);
        }
        calendars
    }
}

impl Calendars {
    /// Fills a calendar in; whether it could be read.
    pub fn fill(&mut self, region: &str, text: &str) -> bool {
        let Some((year, days)) = read(text) else { return false };
        self.0.insert((region.to_owned(), year), days);
        true
    }

    /// Empties the calendars of a year.
    pub fn empty(&mut self, year: i16) {
        self.0.retain(|(_, filled), _| *filled != year);
    }

    /// Whether a region's calendar of this year is there.
    pub fn has(&self, region: &str, year: i16) -> bool {
        self.0.contains_key(&(region.to_owned(), year))
    }

    /// What is worked from one day to another, both included.
    pub fn worked(&self, region: &str, from: Date, to: Date) -> Result<Worked, NotFilled> {
        let mut worked = Worked::default();
        let mut year = None;
        for day in days(from, to) {
            if year.is_none_or(|(number, _)| number != day.year()) {
                let filled = self.0.get(&(region.to_owned(), day.year()));
                year = Some((day.year(), filled.ok_or(NotFilled(day.year()))?));
            }
            let Some((_, filled)) = year else { continue };
            let shorter = filled.shorter.contains(&day);
            worked.shorter += i64::from(shorter);
            worked.days += i64::from(shorter || is_workday(filled, day));
        }
        Ok(worked)
    }
}

/// What is worked of periods, each counted once.
pub(super) struct Counted<'a> {
    calendars: &'a Calendars,
    periods: HashMap<(&'a str, Date, Date), Worked>,
}

impl<'a> Counted<'a> {
    /// By these calendars.
    pub fn new(calendars: &'a Calendars) -> Self {
        Self { calendars, periods: HashMap::new() }
    }

    /// What is worked from one day to another, both included.
    pub fn worked(&mut self, region: &'a str, from: Date, to: Date) -> Result<Worked, NotFilled> {
        if let Some(worked) = self.periods.get(&(region, from, to)) {
            return Ok(*worked);
        }
        let worked = self.calendars.worked(region, from, to)?;
        self.periods.insert((region, from, to), worked);
        Ok(worked)
    }
}

/// Each day from one to another, both included.
pub(super) fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.tomorrow().ok()).take_while(move |day| *day <= to)
}

fn is_workday(year: &Year, day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    !weekend && !year.off.contains(&day)
}

fn read(text: &str) -> Option<(i16, Year)> {
    let (mut number, mut year) = (None, Year::default());
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
    for line in lines {
        let mut words = line.split_whitespace();
        let kind = words.next()?;
        if kind == "year" {
            number = words.next()?.parse().ok();
            continue;
        }
        let into = match kind {
            "holiday" | "moved-off" => &mut year.off,
            "pre-holiday" => &mut year.shorter,
            _ => return None,
        };
        for word in words {
            let (from, to) = word.split_once("..").unwrap_or((word, word));
            into.extend(days(day(number?, from)?, day(number?, to)?));
        }
    }
    Some((number?, year))
}

fn day(year: i16, text: &str) -> Option<Date> {
    let (month, day) = text.split_once('-')?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendars_have_the_days_that_were_published() {
        let calendars = Calendars::default();
        let check = |from: &str, to: &str, days: i64, shorter: i64| {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            let worked = calendars.worked(RUSSIA, from, to).unwrap();
            assert_eq!(worked, Worked { days, shorter }, "{from} to {to}");
        };
        check("2018-01-01", "2018-12-31", 247, 6);
        check("2018-04-01", "2018-12-31", 191, 4);
        check("2018-06-29", "2018-12-31", 131, 1);
        check("2018-01-03", "2018-05-21", 89, 4);
        check("2023-01-01", "2023-03-31", 57, 2);
        check("2023-04-01", "2023-06-30", 61, 0);
        check("2023-07-01", "2023-09-30", 65, 0);
        check("2023-10-01", "2023-12-31", 64, 1);
        // Saturdays that are worked, and holidays that fall on a Sunday.
        check("2018-04-28", "2018-05-02", 1, 1);
        check("2018-11-03", "2018-11-05", 0, 0);
    }

    #[test]
    fn a_year_that_nobody_filled_in_is_named() {
        let mut calendars = Calendars::default();
        let worked = |calendars: &Calendars, to: &str| {
            calendars.worked(RUSSIA, "2018-12-30".parse().unwrap(), to.parse().unwrap())
        };
        assert_eq!(worked(&calendars, "2019-01-02"), Err(NotFilled(2019)));
        assert!(calendars.fill(RUSSIA, "year 2019\nholiday 01-01..01-08"));
        assert_eq!(worked(&calendars, "2019-01-09"), Ok(Worked { days: 1, shorter: 0 }));
        calendars.empty(2018);
        assert_eq!(worked(&calendars, "2019-01-02"), Err(NotFilled(2018)));
        for wrong in ["", "holiday 01-01", "year 2019\nfeast 01-01", "year 2019\nholiday 13-01"] {
            assert!(!calendars.fill(RUSSIA, wrong), "{wrong}");
        }
    }
}
