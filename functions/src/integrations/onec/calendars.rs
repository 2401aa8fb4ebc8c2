//! Use case: show and load production calendars. A tenant's own go before those that are built
//! in.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Item, Key, Read, Written};
use shared::tenant::Tenant;
use shared::web::{Caller, to_the_second};
use utoipa::ToSchema;

use super::OneC;
use super::calendar::CalendarDays;
use super::norm::Years;

/// The years that a calendar may be of.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

/// A calendar's row in the table `workforce`.
#[derive(Serialize, Deserialize)]
struct Loaded {
    pk: String,
    /// The year.
    sk: String,
    days: CalendarDays,
    /// Milliseconds since 1970.
    loaded_at: i64,
}

/// A production calendar.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarView {
    year: i16,
    /// `built_in` or `loaded`.
    source: &'static str,
    /// When it was loaded.
    loaded_at: Option<String>,
    /// Days from Monday to Friday that are not worked, and any holidays on other days.
    #[schema(value_type = Vec<String>)]
    days_off: BTreeSet<Date>,
    /// Saturdays and Sundays that are worked.
    #[schema(value_type = Vec<String>)]
    working_days: BTreeSet<Date>,
    /// Working days that are an hour shorter.
    #[schema(value_type = Vec<String>)]
    short_days: BTreeSet<Date>,
    /// How many days are worked.
    working_days_count: i64,
    /// How many of them are an hour shorter.
    short_days_count: i64,
    /// The norm of the year at forty hours a week.
    norm_hours_at_40: i64,
}

impl OneC {
    /// The calendar of a year.
    ///
    /// # Errors
    /// `Invalid` for a year that none can be of; `NotFound` when it is neither loaded nor
    /// built in.
    pub(super) async fn calendar(&self, tenant: &Tenant, year: i16) -> Result<CalendarView> {
        check(year)?;
        let loaded: Option<Loaded> = self.table.get(&key(tenant, year), Read::Consistent).await?;
        if let Some(loaded) = loaded {
            return CalendarView::of(year, loaded.days, Some(loaded.loaded_at));
        }
        let missing = || Error::not_found(format!("There is no production calendar of {year}"));
        let days = CalendarDays::built_in(year)?.ok_or_else(missing)?;
        CalendarView::of(year, days, None)
    }

    /// Loads the calendar of a year, in place of the one before.
    ///
    /// # Errors
    /// `Invalid`, naming the list.
    pub(super) async fn load_calendar(
        &self,
        by: &Caller,
        year: i16,
        days: CalendarDays,
    ) -> Result<CalendarView> {
        check(year)?;
        let days = days.checked(year)?;
        let (Key { pk, sk }, loaded_at) = (key(&by.tenant, year), self.clock.now_ms());
        let details = json!({ "year": year, "days_off": days.days_off.len(),
            "working_days": days.working_days.len(), "short_days": days.short_days.len() });
        let writes = vec![
            self.table.put(Item::of(&Loaded { pk, sk, days: days.clone(), loaded_at })?, None),
            self.trail.entry(by, "1c.calendar.load", format!("calendar:{year}"), &details)?,
        ];
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => CalendarView::of(year, days, Some(loaded_at)),
            Written::Refused(_) => Err(Error::bug("a write without a condition was refused")),
        }
    }

    /// The calendars of all years of a period, and the years without one.
    pub(super) async fn years(
        &self,
        tenant: &Tenant,
        from: Date,
        to: Date,
    ) -> Result<(Years, Vec<i16>)> {
        let (mut years, mut missing) = (Years::new(), Vec::new());
        let keys: Vec<Key> = (from.year()..=to.year()).map(|year| key(tenant, year)).collect();
        let loaded: Vec<Loaded> = self.table.get_many(&keys, Read::Consistent).await?;
        for year in from.year()..=to.year() {
            let own = loaded.iter().find(|one| one.sk == year.to_string());
            let days = match own {
                Some(own) => Some(own.days.clone()),
                None => CalendarDays::built_in(year)?,
            };
            match days {
                Some(days) => drop(years.insert(year, days)),
                None => missing.push(year),
            }
        }
        Ok((years, missing))
    }
}

impl CalendarView {
    fn of(year: i16, days: CalendarDays, loaded_at: Option<i64>) -> Result<Self> {
        let end = |month, day| Date::new(year, month, day).map_err(Error::internal);
        let worked = days.worked(end(1, 1)?, end(12, 31)?);
        Ok(Self {
            year,
            source: if loaded_at.is_some() { "loaded" } else { "built_in" },
            loaded_at: loaded_at.map(to_the_second),
            days_off: days.days_off,
            working_days: days.working_days,
            short_days: days.short_days,
            working_days_count: worked.days,
            short_days_count: worked.short,
            norm_hours_at_40: worked.days * 8 - worked.short,
        })
    }
}

fn check(year: i16) -> Result<()> {
    let fits = YEARS.contains(&year);
    fits.then_some(()).ok_or_else(|| Error::invalid("year", "must be from 1990 to 2100"))
}

fn key(tenant: &Tenant, year: i16) -> Key {
    Key { pk: tenant.pk("ONEC-CALENDARS", ""), sk: year.to_string() }
}
