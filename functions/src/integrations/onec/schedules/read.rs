//! A schedule as a caller gives it: in this API's shape or in the vendor's, one employee's
//! shifts together, each with what of it is by day and by night.
//! Source: Argus's requirements to the integration with 1C:ZUP, method `sendSchedule`: hours in
//! milliseconds without breaks that are not paid; a shift belongs to the day that it starts on.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};
use shared::web::of_members;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::moment::{DAY, HOUR, Split, day, local, period, split};
use super::super::read::{Members, Writer};

/// The most employees of a schedule.
const MOST_EMPLOYEES: usize = 1000;
/// The most shifts of a schedule.
const MOST_SHIFTS: usize = 50_000;
/// The longest id of an employee, in characters.
const LONGEST_ID: usize = 128;

/// A schedule for employees of 1C.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOnecSchedule {
    /// A UUID.
    #[schema(format = "uuid")]
    schedule_id: String,
    #[schema(format = "date", example = "2026-11-01")]
    start_date: String,
    #[schema(format = "date", example = "2026-11-30")]
    end_date: String,
    /// Objects of `employee_id`, and maybe `shifts` of that employee.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 1000)]
    employees: Vec<Json>,
    /// Objects of `employee_id`, `date`, and either `start_time`, `end_time` and
    /// `break_minutes`, or `daily_hours` and `night_hours` in milliseconds.
    #[schema(value_type = Vec<Object>, max_items = 50000)]
    shifts: Vec<Json>,
}

/// The vendor's request, of one employee.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by name; this is its documentation")]
#[expect(non_snake_case, reason = "the vendor's names")]
pub struct VendorSchedule {
    agentId: String,
    /// ISO 8601.
    period1: String,
    /// ISO 8601.
    period2: String,
    /// Objects of `date_start`, and `daily_hours` and `night_hours` in milliseconds.
    #[schema(value_type = Vec<Object>)]
    shift: Vec<Json>,
}

/// A schedule that was read.
pub(super) struct Schedule {
    pub id: Option<String>,
    pub from: Date,
    pub to: Date,
    /// By employee, in the order that they were given in.
    pub employees: Vec<(String, Shifts)>,
}

/// Shifts in the order of their starts, in the time of the place.
pub(super) type Shifts = BTreeMap<DateTime, Split>;

impl Schedule {
    /// How many shifts it has.
    pub fn shifts(&self) -> usize {
        self.employees.iter().map(|(_, shifts)| shifts.len()).sum()
    }

    /// Reads this API's shape, in which members are called as `renamed` says besides.
    pub fn read(
        body: Map<String, Json>,
        zone: &TimeZone,
        renamed: &[(String, String)],
    ) -> Result<Self> {
        let new: NewOnecSchedule = of_members(body)?;
        let id = Uuid::try_parse(&new.schedule_id);
        let id = id.map_err(|_| Error::invalid("schedule_id", "must be a UUID"))?;
        let (from, to) = (day("start_date", &new.start_date)?, day("end_date", &new.end_date)?);
        let (from, to) = period(from, to)?;
        let most = |field: &str, many: usize, most: usize| {
            let message = format!("must have at most {most} objects");
            if many > most { Err(Error::invalid(field, message)) } else { Ok(()) }
        };
        if new.employees.is_empty() {
            return Err(Error::invalid("employees", "list cannot be empty"));
        }
        most("employees", new.employees.len(), MOST_EMPLOYEES)?;
        most("shifts", new.shifts.len(), MOST_SHIFTS)?;
        let mut schedule = Self { id: Some(id.to_string()), from, to, employees: Vec::new() };
        let mut places = BTreeMap::new();
        for (at, one) in new.employees.into_iter().enumerate() {
            let one = called(one, renamed);
            let one = Members::of(&one, format!("employees[{at}]"), Writer::Caller)?;
            let id = employee(&one)?;
            if places.insert(id.clone(), at).is_some() {
                return Err(one.wrong("employee_id", "is there twice"));
            }
            schedule.employees.push((id, Shifts::new()));
            for shift in one.maybe_list("shifts")? {
                schedule.add(at, &shift, zone)?;
            }
        }
        for (at, shift) in new.shifts.into_iter().enumerate() {
            let shift = called(shift, renamed);
            let shift = Members::of(&shift, format!("shifts[{at}]"), Writer::Caller)?;
            let place = places.get(&employee(&shift)?);
            let place = place.ok_or_else(|| shift.wrong("employee_id", "is none of employees"))?;
            schedule.add(*place, &shift, zone)?;
        }
        Ok(schedule)
    }

    /// Reads the vendor's shape.
    pub fn read_vendor(body: &Json, zone: &TimeZone) -> Result<Self> {
        let one = Members::of(body, "", Writer::Caller)?;
        let (from, to) = period(one.day("period1", zone)?, one.day("period2", zone)?)?;
        let employees = vec![(employee(&one)?, Shifts::new())];
        let mut schedule = Self { id: None, from, to, employees };
        for shift in one.list("shift")? {
            schedule.add(0, &shift, zone)?;
        }
        Ok(schedule)
    }

    fn add(&mut self, place: usize, shift: &Members<'_>, zone: &TimeZone) -> Result<()> {
        let (start, time) = read_shift(shift, zone)?;
        if start.date() < self.from || self.to < start.date() {
            let named = if shift.given("date_start").is_some() { "date_start" } else { "date" };
            return Err(shift.wrong(named, "is not in the schedule's period"));
        }
        let shifts = self.employees.get_mut(place).map(|(_, shifts)| shifts);
        if shifts.is_some_and(|shifts| shifts.insert(start, time).is_some()) {
            return Err(shift.wrong("start_time", "is that of another shift"));
        }
        Ok(())
    }

    /// The vendor's request for one employee, in the time of the place.
    pub fn vendor(&self, employee: &str, shifts: &Shifts) -> Json {
        let shifts: Vec<Json> = shifts
            .iter()
            .map(|(start, time)| {
                // As texts, like the vendor's sample has them.
                json!({"date_start": start.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                    "daily_hours": time.day.to_string(), "night_hours": time.night.to_string()})
            })
            .collect();
        json!({"agentId": employee, "period1": format!("{}T00:00:00", self.from),
            "period2": format!("{}T00:00:00", self.to), "shift": shifts})
    }
}

/// An object with members called as the other side calls them besides.
fn called(mut one: Json, renamed: &[(String, String)]) -> Json {
    if let Json::Object(members) = &mut one {
        for (from, to) in renamed {
            if let Some(value) = members.get(from).cloned() {
                members.insert(to.clone(), value);
            }
        }
    }
    one
}

/// Whose it is, in any of the spellings.
pub(in super::super) fn employee(one: &Members<'_>) -> Result<String> {
    let mut found = None;
    for name in ["employee_id", "agent_id", "agentId", "agentID"] {
        found = found.or(one.maybe_text(name)?);
    }
    let id = found.ok_or_else(|| one.wrong("employee_id", "is required"))?;
    let fits = (1..=LONGEST_ID).contains(&id.chars().count());
    if fits && !id.contains(['/', '#', '~']) && !id.chars().any(char::is_control) {
        return Ok(id);
    }
    Err(one.wrong("employee_id", "must have 1 to 128 characters, without /, # and ~"))
}

fn read_shift(shift: &Members<'_>, zone: &TimeZone) -> Result<(DateTime, Split)> {
    let moment = |name: &str| -> Result<Option<DateTime>> {
        let Some(text) = shift.maybe_text(name)? else { return Ok(None) };
        let read = local(&text, zone);
        read.map(Some).ok_or_else(|| shift.wrong(name, "must be an ISO 8601 time"))
    };
    if shift.given("daily_hours").is_some() || shift.given("night_hours").is_some() {
        let start = match moment("date_start")? {
            None => moment("date")?,
            start => start,
        };
        let start = start.ok_or_else(|| shift.wrong("date_start", "is required"))?;
        let of = |name: &str| match shift.given(name) {
            None => Ok(0),
            Some(_) => shift.milliseconds(name),
        };
        let time = Split { day: of("daily_hours")?, night: of("night_hours")? };
        if time.day > 16 * HOUR || time.night > 16 * HOUR || time.total() > DAY {
            return Err(shift.wrong("daily_hours", "and night_hours are more than a day has"));
        }
        return Ok((start, time));
    }
    let date = shift.day("date", zone)?;
    let (from, to) = (clock(shift, "start_time")?, clock(shift, "end_time")?);
    let long = span(from, to);
    let pause = shift.maybe_number("break_minutes")?.unwrap_or_default();
    let pause = (pause * 60_000.0).round() as i64;
    if !(0..=long).contains(&pause) {
        return Err(shift.wrong("break_minutes", "must be 0 or more, and no longer than the shift"));
    }
    Ok((date.to_datetime(from), split(from, long).without(pause)))
}

/// A time of day, which a member must have.
fn clock(shift: &Members<'_>, name: &str) -> Result<Time> {
    let text = shift.text(name)?;
    let read = text.parse::<Time>().or_else(|_| text.parse::<DateTime>().map(DateTime::time));
    read.map_err(|_| shift.wrong(name, "must be a time such as 08:00"))
}

/// Milliseconds from one time of day to another, which is one of the next day if it is not
/// later.
fn span(from: Time, to: Time) -> i64 {
    let between = i64::try_from(from.duration_until(to).as_millis()).unwrap_or_default();
    if between > 0 { between } else { between + DAY }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    fn schedule(employees: Json, shifts: Json) -> Map<String, Json> {
        let body = json!({"schedule_id": "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d",
            "start_date": "2018-08-01", "end_date": "2018-08-31", "employees": employees,
            "shifts": shifts});
        body.as_object().cloned().unwrap_or_default()
    }

    fn moscow() -> TimeZone {
        crate::zone::zone("Europe/Moscow").unwrap_or(TimeZone::UTC)
    }

    #[test]
    fn shifts_are_read_in_each_way_that_they_are_written_in() -> anyhow::Result<()> {
        let night = Split { day: 3 * HOUR + HOUR / 2, night: 7 * HOUR + HOUR / 2 };
        for (shift, start, time) in [
            (
                json!({"date": "2018-08-01", "start_time": "08:00", "end_time": "17:00",
                    "break_minutes": 60}),
                "2018-08-01T08:00:00",
                Split { day: 8 * HOUR, night: 0 },
            ),
            (
                json!({"date": "2018-08-31", "start_time": "20:00", "end_time": "08:00"}),
                "2018-08-31T20:00:00",
                Split { day: 4 * HOUR, night: 8 * HOUR },
            ),
            (
                // The vendor's sample, in UTC: 22:00 in Moscow.
                json!({"date_start": "2018-08-01T19:00:00Z", "daily_hours": "12600000",
                    "night_hours": 27_000_000}),
                "2018-08-01T22:00:00",
                night,
            ),
            (
                json!({"date_start": "2018-08-01T21:00:00Z", "daily_hours": 0, "night_hours": 0}),
                "2018-08-02T00:00:00",
                Split::default(),
            ),
        ] {
            let mut of = shift.clone();
            of["employee_id"] = json!("a-1");
            let read = Schedule::read(
                schedule(json!([{"employee_id": "a-1"}]), json!([of])),
                &moscow(),
                &[],
            )?;
            let own = json!([{"agent_id": "a-1", "shifts": [shift]}]);
            let own = Schedule::read(schedule(own, json!([])), &moscow(), &[])?;
            let expected = Shifts::from([(start.parse()?, time)]);
            assert_eq!(read.employees, [("a-1".to_owned(), expected)], "{shift}");
            assert_eq!(own.employees, read.employees, "{shift}");
        }
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_named() -> anyhow::Result<()> {
        let one = json!([{"employee_id": "a-1"}]);
        let with = |shift: Json| (one.clone(), json!([shift]));
        for ((employees, shifts), field) in [
            ((json!([]), json!([])), "employees"),
            ((json!([{}]), json!([])), "employees[0].employee_id"),
            ((json!([{"employee_id": "a/b"}]), json!([])), "employees[0].employee_id"),
            (
                (json!([{"employee_id": "a"}, {"agentId": "a"}]), json!([])),
                "employees[1].employee_id",
            ),
            ((json!(["a"]), json!([])), "employees[0]"),
            (with(json!({"date": "2018-08-01"})), "shifts[0].employee_id"),
            (with(json!({"employee_id": "a-2"})), "shifts[0].employee_id"),
            (with(json!({"employee_id": "a-1"})), "shifts[0].date"),
            (with(json!({"employee_id": "a-1", "date": "2018-08-01"})), "shifts[0].start_time"),
            (
                with(json!({"employee_id": "a-1", "date": "2018-08-01", "start_time": "25:00"})),
                "shifts[0].start_time",
            ),
            (
                with(json!({"employee_id": "a-1", "date": "2018-09-01", "start_time": "08:00",
                    "end_time": "09:00"})),
                "shifts[0].date",
            ),
            (
                with(json!({"employee_id": "a-1", "date": "2018-08-01", "start_time": "08:00",
                    "end_time": "09:00", "break_minutes": 61})),
                "shifts[0].break_minutes",
            ),
            (
                with(json!({"employee_id": "a-1", "date_start": "2018-08-31T21:00:00Z",
                    "daily_hours": 1})),
                "shifts[0].date_start",
            ),
            (
                with(json!({"employee_id": "a-1", "date_start": "2018-08-01",
                    "daily_hours": "8 часов"})),
                "shifts[0].daily_hours",
            ),
        ] {
            let refused = Schedule::read(schedule(employees, shifts), &moscow(), &[]);
            let refused = refused.err().context(field)?;
            assert_eq!(refused.fields[0].field, field);
        }
        Ok(())
    }

    #[test]
    fn members_may_be_called_as_the_connection_says() -> anyhow::Result<()> {
        let renamed = [("worker".to_owned(), "employee_id".to_owned())];
        let read =
            Schedule::read(schedule(json!([{"worker": "a-1"}]), json!([])), &moscow(), &renamed)?;
        assert_eq!(read.employees[0].0, "a-1");
        Ok(())
    }

    #[test]
    fn the_vendor_s_sample_is_sent_in_the_time_of_the_place() -> anyhow::Result<()> {
        let sample = json!({"agentID": "a-1", "period1": "2018-08-01T00:00:00Z",
            "period2": "2018-12-31T00:00:00Z", "shift": [{"date_start": "2018-08-01T19:00:00Z",
                "daily_hours": "12600000", "night_hours": "27000000"}]});
        let read = Schedule::read_vendor(&sample, &moscow())?;
        let (id, shifts) = &read.employees[0];
        let expected = json!({"agentId": "a-1", "period1": "2018-08-01T00:00:00",
            "period2": "2018-12-31T00:00:00", "shift": [{"date_start": "2018-08-01T22:00:00",
                "daily_hours": "12600000", "night_hours": "27000000"}]});
        assert_eq!(read.vendor(id, shifts), expected);
        Ok(())
    }
}
