//! What is planned: of each employee and month, the shifts of the schedule that 1C took last.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::{Item, Query, Range, Table};
use shared::tenant::Tenant;

use super::super::moment::{Split, days};
use super::read::Shifts;

/// How long a plan is kept, in seconds: four years, as deviations of older ones are settled.
const KEPT: i64 = 4 * 366 * 24 * 3600;

/// What an employee is to work, by the day that a shift starts on. Days of a month that has a
/// schedule are there even if nothing is worked on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan(pub BTreeMap<Date, Split>);

/// A row of a month and an employee in the table `workforce`.
#[derive(Serialize, Deserialize)]
struct Month {
    pk: String,
    /// The employee.
    sk: String,
    /// Days of the month that are worked, each with milliseconds by day and by night, as a
    /// JSON object's text.
    shifts: String,
    /// Milliseconds since 1970.
    sent_at: i64,
    expires_at: i64,
}

/// The items that keep a schedule of an employee from a month on to the end of another: 1C
/// leaves months before the current one as they are, and replaces the others.
pub(super) fn items(
    tenant: &Tenant,
    connection: &str,
    employee: &str,
    (from, to, now): (Date, Date, i64),
    shifts: &Shifts,
) -> Result<Vec<Item>> {
    months(from, to)
        .map(|month| {
            let mut of_month = BTreeMap::<i8, (i64, i64)>::new();
            for (start, time) in shifts {
                if start.date().first_of_month() == month {
                    let day = of_month.entry(start.day()).or_default();
                    *day = (day.0 + time.day, day.1 + time.night);
                }
            }
            Item::of(&Month {
                pk: partition(tenant, connection, month),
                sk: employee.to_owned(),
                shifts: serde_json::to_string(&of_month).map_err(Error::internal)?,
                sent_at: now,
                expires_at: now / 1000 + KEPT,
            })
        })
        .collect()
}

/// The plans of all employees for a period.
pub(in super::super) async fn plans(
    table: &Table,
    tenant: &Tenant,
    connection: &str,
    (from, to): (Date, Date),
    only: Option<&str>,
) -> Result<BTreeMap<String, Plan>> {
    let mut plans = BTreeMap::<String, Plan>::new();
    for month in months(from, to) {
        let query = Query::partition(&partition(tenant, connection, month));
        let query = match only {
            Some(employee) => query.range("sk", Range::Between(employee.into(), employee.into())),
            None => query,
        };
        for row in table.query_all::<Month>(query).await? {
            let shifts: BTreeMap<i8, (i64, i64)> =
                serde_json::from_str(&row.shifts).map_err(Error::internal)?;
            let plan = plans.entry(row.sk).or_default();
            for day in days(month.max(from), month.last_of_month().min(to)) {
                let (by_day, by_night) = shifts.get(&day.day()).copied().unwrap_or_default();
                plan.0.insert(day, Split { day: by_day, night: by_night });
            }
        }
    }
    Ok(plans)
}

/// The first days of the months of a period.
fn months(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let next = |month: &Date| month.last_of_month().tomorrow().ok();
    std::iter::successors(Some(from.first_of_month()), next).take_while(move |month| *month <= to)
}

fn partition(tenant: &Tenant, connection: &str, month: Date) -> String {
    tenant.pk("ONEC-PLANS", format_args!("{connection}#{}", month.strftime("%Y-%m")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_over_a_month_s_end_is_of_the_month_in_which_it_begins() -> anyhow::Result<()> {
        let night = Split { day: 2, night: 8 };
        let shifts = Shifts::from([("2018-08-31T20:00:00".parse()?, night)]);
        let (from, to) = ("2018-08-01".parse()?, "2018-09-30".parse()?);
        let items = items(&Tenant::parse("default")?, "c", "a-1", (from, to, 0), &shifts)?;
        let told: Vec<_> =
            items.iter().map(|item| (item.text("pk"), item.text("shifts"))).collect();
        let [august, september] = told.as_slice() else { anyhow::bail!("{told:?}") };
        assert!(august.0.is_some_and(|pk| pk.ends_with("2018-08")), "{august:?}");
        assert_eq!((august.1, september.1), (Some("{\"31\":[2,8]}"), Some("{}")));
        Ok(())
    }
}
