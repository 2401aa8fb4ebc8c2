//! `POST sendSchedule`: individual schedules, one of an employee and a month, made from
//! shifts. Here `result` is a text.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::answer::{Answered, Exception, done, exception, not_done};
use super::calendar::RUSSIA;
use super::habits::Mishap;
use super::people::Agent;
use super::read::Members;
use super::state::Known;

const MADE: &str = "Индивидуальные графики созданы в базе 1С:ЗУП";
const NOT_MADE: &str = "Индивидуальные графики не созданы.";
const MONTHS: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];

/// The individual schedule of an employee for a month. A day without a shift is a day off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The shift that starts on each day.
    pub shifts: BTreeMap<Date, Shift>,
    /// Whether somebody made it by hand for a part of the month, so that it is in the way.
    pub part_of_month: bool,
    /// How often it was written.
    pub written: usize,
}

/// What is worked of a shift, in milliseconds without breaks that are not paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// By day, from 06:00 to 22:00.
    pub day: i64,
    /// By night.
    pub night: i64,
}

/// Schedules by employee, and by the first day of the month.
pub(super) type Schedules = BTreeMap<String, BTreeMap<Date, Schedule>>;

/// Makes or replaces the schedules of each month from the current one on, or none at all.
pub(super) fn send_schedule(
    known: &mut Known,
    asked: Members,
    mishap: Option<&Mishap>,
) -> Result<Answered, Exception> {
    let name = if asked.has("agentID") { "agentID" } else { "agentId" };
    let agent = known.agent(asked.text(name)?)?.clone();
    let (from, to) = (asked.moment("period1")?.date(), asked.moment("period2")?.date());
    if from > to {
        return exception(format!("Неверный период: {from} - {to}"));
    }
    let shifts = shifts(asked, from, to)?;
    if let Some(Mishap::NotDone(told)) = mishap {
        return not_made(told);
    }
    let months = match writable(known, &agent, from, to, shifts.is_empty()) {
        Ok(months) => months,
        Err(told) => return not_made(&told),
    };
    let schedules = known.schedules.entry(agent.id.clone()).or_default();
    for month in months {
        let schedule = schedules.entry(month).or_default();
        let of_month = |(day, _): &(&Date, &Shift)| day.first_of_month() == month;
        let worked = shifts.iter().filter(of_month).filter(|(day, _)| agent.works(**day));
        schedule.shifts = worked.map(|(day, shift)| (*day, *shift)).collect();
        schedule.written += 1;
    }
    done(&result("true", MADE))
}

fn result(result: &str, message: &str) -> Value {
    json!({"result": result, "message": message})
}

fn not_made(told: &str) -> Result<Answered, Exception> {
    not_done(&result("false", told))
}

/// Shifts by the day that they start on, of which a shift over midnight is wholly.
fn shifts(asked: Members, from: Date, to: Date) -> Result<BTreeMap<Date, Shift>, Exception> {
    let mut shifts = BTreeMap::<Date, Shift>::new();
    for one in asked.list("shift")? {
        let day = one.moment("date_start")?.date();
        if day < from || to < day {
            return exception(format!("Смена {day} не входит в период {from} - {to}"));
        }
        let shift = shifts.entry(day).or_default();
        shift.day += one.milliseconds("daily_hours")?;
        shift.night += one.milliseconds("night_hours")?;
    }
    Ok(shifts)
}

/// The months to write, or why there are none.
fn writable(
    known: &Known,
    agent: &Agent,
    from: Date,
    to: Date,
    nothing: bool,
) -> Result<Vec<Date>, String> {
    let this_month = known.habits.today.first_of_month();
    if to < this_month {
        return Err(format!("Запрещено изменять графики за прошедшие периоды. {NOT_MADE}"));
    }
    let first = from.first_of_month().max(this_month).max(agent.hired.first_of_month());
    let last = agent.dismissed.map_or(to, |last| last.min(to));
    let next = |month: &Date| month.checked_add(Span::new().months(1)).ok();
    let months = std::iter::successors(Some(first), next).take_while(|month| *month <= last);
    let months: Vec<Date> = months.collect();
    if nothing || months.is_empty() {
        return Err(format!("Нет данных по сотруднику. {NOT_MADE}"));
    }
    for month in &months {
        let year = month.year();
        if !known.calendars.has(RUSSIA, year) {
            let told = format!("За {year} год не заполнен производственный календарь РФ!");
            return Err(format!("{told} {NOT_MADE}"));
        }
        let held = known.schedule(&agent.id, *month);
        if held.is_some_and(|schedule| schedule.part_of_month) {
            let name = MONTHS[usize::from(month.month().unsigned_abs()) - 1];
            return Err(format!(
                "За {name} {year} у сотрудника есть график на неполный месяц. Удалите этот \
                 график в 1С:ЗУП и повторно выгрузите графики из WFM."
            ));
        }
    }
    Ok(months)
}
