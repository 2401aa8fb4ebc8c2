//! What a request asks for, in either style.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use shared::error::{Error, Result};
use shared::web::{moment, page_limit};

use super::super::records::{DAY, LONGEST_ID};
use super::super::style::{Parameters, Style};
use super::cursor::Cursor;
use crate::zone::zone;

/// The longest period, in days.
pub const LONGEST_DAYS: i64 = 366;
/// The most agents or groups that are named.
const MOST_NAMED: usize = 1000;
/// The most items of a page.
const MOST_OF_A_PAGE: usize = 1000;
/// Minutes that an interval may have: to a whole day.
const MINUTES: RangeInclusive<i64> = 1..=1440;
const USUAL_MINUTES: i64 = 30;

/// What is asked for beside a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Groups, by interval.
    Groups,
    /// Agents.
    Agents,
}

/// What a request asks for.
#[derive(Debug)]
pub struct Asked {
    /// How it is answered.
    pub style: Style,
    /// The period: its first moment, and the first one after it, milliseconds since 1970.
    pub from: i64,
    /// See above.
    pub to: i64,
    /// Whose days count.
    pub place: TimeZone,
    /// Agents that are meant; all when there are none.
    pub agents: Vec<String>,
    /// Groups that are meant; all when there are none.
    pub groups: Vec<String>,
    /// How long intervals are, in milliseconds.
    pub step: i64,
    /// Whether it is about intervals.
    pub has_intervals: bool,
    /// How many items are wanted; all when nothing is said.
    pub limit: Option<usize>,
    /// Where to go on.
    pub(super) cursor: Option<Cursor>,
    /// Which contact centre is meant.
    pub connection: Option<String>,
}

/// Names that each style knows beside `connection_id` and `style`.
const CONTRACT: [&str; 7] =
    ["start_date", "end_date", "agents", "service_groups", "interval_minutes", "limit", "cursor"];

impl Asked {
    /// Whether it goes on where another one ended.
    pub fn goes_on(&self) -> bool {
        self.cursor.is_some()
    }

    /// Has it go on here.
    pub fn go_on_at(&mut self, cursor: Cursor) {
        self.cursor = Some(cursor);
    }

    /// Reads a request's parameters.
    ///
    /// # Errors
    /// `Invalid`, naming the parameter as the request's style calls it.
    pub fn read(parameters: &Parameters, wants: Wants) -> Result<Self> {
        let given = Given(parameters);
        let style = Style::of(parameters);
        let connection = given.one("connection_id")?.map(str::to_owned);
        let asked = match style {
            Style::Contract => Self::of_contract(&given, wants)?,
            Style::Argus => Self::of_argus(&given, wants)?,
        };
        Ok(Self { style, connection, ..asked })
    }

    fn of_contract(given: &Given<'_>, wants: Wants) -> Result<Self> {
        let known: Vec<&str> = match wants {
            Wants::Groups => CONTRACT.into_iter().filter(|name| *name != "agents").collect(),
            Wants::Agents => {
                let others = |name: &&str| !matches!(*name, "interval_minutes");
                CONTRACT.into_iter().filter(others).collect()
            }
        };
        given.only(&known)?;
        let (from, to, place) = given.period("start_date", "end_date", false)?;
        let minutes = given.number("interval_minutes")?.unwrap_or(USUAL_MINUTES);
        if !MINUTES.contains(&minutes) {
            return Err(Error::invalid("interval_minutes", "must be between 1 and 1440"));
        }
        let limit = given.number("limit")?;
        Ok(Self {
            style: Style::Contract,
            from,
            to,
            place,
            agents: given.repeated("agents")?,
            groups: given.repeated("service_groups")?,
            step: minutes * 60_000,
            has_intervals: wants == Wants::Groups,
            limit: match limit {
                None => None,
                some => Some(page_limit(some, MOST_OF_A_PAGE, MOST_OF_A_PAGE)?),
            },
            cursor: given.one("cursor")?.map(Cursor::read).transpose()?,
            connection: None,
        })
    }

    fn of_argus(given: &Given<'_>, wants: Wants) -> Result<Self> {
        let known: &[&str] = match wants {
            Wants::Groups => &["startDate", "endDate", "step", "groupId"],
            Wants::Agents => &["startDate", "endDate", "agentId"],
        };
        given.only(known)?;
        let (from, to, place) = given.period("startDate", "endDate", true)?;
        let (agents, groups, step) = match wants {
            Wants::Groups => (Vec::new(), given.listed("groupId")?, given.step()?),
            Wants::Agents => (given.listed("agentId")?, Vec::new(), DAY),
        };
        Ok(Self {
            style: Style::Argus,
            from,
            to,
            place,
            agents,
            groups,
            step,
            has_intervals: wants == Wants::Groups,
            limit: None,
            cursor: None,
            connection: None,
        })
    }

    /// Asks for records as they are kept, in the style of the contract.
    ///
    /// # Errors
    /// `Invalid`, naming the end, when the period is empty or too long.
    pub fn of_period(
        (from, to): (i64, i64),
        (agents, groups): (Vec<String>, Vec<String>),
        limit: Option<usize>,
        cursor: Option<Cursor>,
    ) -> Result<Self> {
        in_order((from, "start_date"), (to, "end_date"))?;
        let (style, place) = (Style::Contract, TimeZone::UTC);
        let (step, has_intervals, connection) = (DAY, false, None);
        Ok(Self {
            style,
            from,
            to,
            place,
            agents,
            groups,
            step,
            has_intervals,
            limit,
            cursor,
            connection,
        })
    }

    /// What the parameter that ends the period is called.
    pub fn end_is_called(&self) -> &'static str {
        if self.style == Style::Argus { "endDate" } else { "end_date" }
    }

    /// Counts days by the clock of the place that a connection's settings name.
    ///
    /// # Errors
    /// `Invalid` when they name none that there is.
    pub fn at(self, time_zone: Option<&str>) -> Result<Self> {
        let Some(name) = time_zone else { return Ok(self) };
        let unknown = || Error::invalid("config.time_zone", "is no IANA time zone");
        Ok(Self { place: zone(name).ok_or_else(unknown)?, ..self })
    }
}

/// That a period is one, and not too long.
fn in_order((from, start): (i64, &str), (to, end): (i64, &str)) -> Result<()> {
    if from >= to {
        return Err(Error::invalid(end, format!("must be after {start}")));
    }
    if to - from > LONGEST_DAYS * DAY {
        let message = format!("must be at most {LONGEST_DAYS} days after {start}");
        return Err(Error::invalid(end, message));
    }
    Ok(())
}

/// Parameters as they are read.
struct Given<'a>(&'a Parameters);

impl Given<'_> {
    fn only(&self, known: &[&str]) -> Result<()> {
        let always = ["connection_id", "style"];
        let is_known = |name: &str| known.contains(&name) || always.contains(&name);
        match self.0.iter().find(|(name, _)| !is_known(name)) {
            None => Ok(()),
            Some((name, _)) => Err(Error::invalid(name, "is not known here")),
        }
    }

    fn one(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self.0.iter().filter(|(one, _)| one == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(_), Some(_)) => Err(Error::invalid(name, "can be given once")),
            (Some(value), None) => Ok(Some(value)),
            (None, _) => Ok(None),
        }
    }

    fn needed(&self, name: &str) -> Result<&str> {
        let value = self.one(name)?.filter(|value| !value.is_empty());
        value.ok_or_else(|| Error::invalid(name, "is required"))
    }

    fn number(&self, name: &str) -> Result<Option<i64>> {
        let number = self.one(name)?.map(str::parse).transpose();
        number.map_err(|_| Error::invalid(name, "must be a whole number"))
    }

    /// First moment, first moment after it, and the place of which the start says the offset.
    fn period(&self, start: &str, end: &str, zoned: bool) -> Result<(i64, i64, TimeZone)> {
        let at = |name: &str| -> Result<(i64, TimeZone)> {
            let text = self.needed(name)?;
            let offset = Pieces::parse(text).ok().and_then(|p| p.to_numeric_offset());
            if zoned && offset.is_none() {
                return Err(Error::invalid(name, "must be a date and a time with a zone"));
            }
            let place = TimeZone::fixed(offset.unwrap_or(Offset::UTC));
            Ok((moment(name, text)?.as_millisecond(), place))
        };
        let ((from, place), (to, _)) = (at(start)?, at(end)?);
        in_order((from, start), (to, end))?;
        Ok((from, to, place))
    }

    fn step(&self) -> Result<i64> {
        let step: Option<i64> = self.needed("step")?.parse().ok();
        let fits = |step: &i64| (60_000..=DAY).contains(step);
        step.filter(fits).ok_or_else(|| {
            Error::invalid("step", "must be milliseconds, from a minute (60000) to a day")
        })
    }

    fn repeated(&self, name: &str) -> Result<Vec<String>> {
        let values = self.0.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str());
        ids(name, values)
    }

    fn listed(&self, name: &str) -> Result<Vec<String>> {
        ids(name, self.needed(name)?.split(',').map(str::trim))
    }
}

/// Ids, each once, in order.
pub(in crate::integrations::contact_center) fn ids<'a>(
    name: &str,
    values: impl Iterator<Item = &'a str>,
) -> Result<Vec<String>> {
    let ids: BTreeSet<String> = values.map(str::to_owned).collect();
    let fits = |id: &String| (1..=LONGEST_ID).contains(&id.len()) && !id.contains(char::is_control);
    if ids.len() > MOST_NAMED {
        return Err(Error::invalid(name, format!("must be at most {MOST_NAMED} ids")));
    }
    if !ids.iter().all(fits) {
        return Err(Error::invalid(name, format!("must be ids of 1 to {LONGEST_ID} bytes")));
    }
    Ok(ids.into_iter().collect())
}
