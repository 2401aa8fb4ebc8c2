//! `POST getTimetypeInfo`: the timesheet of a period, derived from schedules, from documents
//! and from what people of 1C entered. Days are local midnights told in UTC.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{Answered, Exception, done, exception};
use super::calendar::days;
use super::fact::Document;
use super::habits::Mishap;
use super::moment::{HOUR, midnight};
use super::people::Agent;
use super::read::Members;
use super::state::Known;

/// A time of another type than work, as people enter it in 1C.
#[derive(Clone, Debug)]
pub struct Absence {
    /// The employee.
    pub agent: String,
    /// The first and the last day.
    pub days: (Date, Date),
    /// The code of the type, in Cyrillic.
    pub code: &'static str,
    /// Milliseconds of each day, if it is a part of it; else it is the whole day.
    pub part: Option<i64>,
}

/// Types that were worked.
const WORK: [&str; 5] = ["Я", "Н", "РВ", "РВН", "С"];
/// Types of whole days that displace all others, the strongest first. After them the others
/// come, in the order in which they were entered.
const STRONGEST: [&str; 3] = ["Б", "Т", "Р"];
/// Types that any other displaces, the weakest last.
const WEAKEST: [&str; 2] = ["ПР", "НН"];

/// The timesheet of an employee.
#[derive(Serialize)]
struct Sheet<'a> {
    #[serde(rename = "agentId")]
    agent: &'a str,
    #[serde(rename = "AR_date")]
    rows: Vec<Row>,
    #[serde(rename = "AR_N")]
    away: Vec<Away<'a>>,
    half1_days: i64,
    half1_hours: Value,
    half2_days: i64,
    half2_hours: Value,
}

/// How much of a type a day has.
#[derive(Serialize)]
struct Row {
    date: Option<Timestamp>,
    timetype: &'static str,
    hours: Value,
}

/// How much was not worked for a reason: `days(hours)`, or `days` of a type of whole days.
#[derive(Serialize)]
struct Away<'a> {
    #[serde(rename = "timetype_N")]
    code: &'a str,
    #[serde(rename = "hours_N")]
    told: String,
}

/// Type and milliseconds.
type Time = (&'static str, i64);

/// What was entered of one employee, and what facts made.
#[derive(Default)]
struct Entered<'a> {
    absences: Vec<&'a Absence>,
    documents: Vec<&'a Document>,
}

/// A timesheet for each employee.
pub(super) fn time_types(
    known: &Known,
    asked: Members,
    mishap: Option<&Mishap>,
) -> Result<Answered, Exception> {
    let (from, to) = (asked.moment("date_start")?.date(), asked.moment("date_end")?.date());
    if from > to {
        return exception(format!("Неверный период: {from} - {to}"));
    }
    let mut entered = BTreeMap::<&str, Entered>::new();
    for absence in &known.absences {
        entered.entry(&absence.agent).or_default().absences.push(absence);
    }
    for document in &known.documents {
        entered.entry(&document.agent).or_default().documents.push(document);
    }
    let (nothing, mut sheets) = (Entered::default(), Vec::new());
    for one in asked.list("AR_agents")?.into_iter().step_by(Mishap::one_of(mishap)) {
        let agent = known.agent(one.text("agentId")?)?;
        let entered = entered.get(agent.id.as_str()).unwrap_or(&nothing);
        sheets.push(sheet(known, agent, entered, (from, to)));
    }
    done(&sheets)
}

fn sheet<'a>(
    known: &Known,
    agent: &'a Agent,
    entered: &Entered,
    (from, to): (Date, Date),
) -> Sheet<'a> {
    let (mut rows, mut halves) = (Vec::new(), [(0, 0); 2]);
    let mut away = BTreeMap::<&str, (i64, i64)>::new();
    for day in days(from.max(agent.hired), agent.dismissed.map_or(to, |last| to.min(last))) {
        let date = midnight(day, known.habits.place);
        let (mut worked, mut time_worked) = (false, 0);
        for (timetype, time) in of_day(known, &agent.id, entered, day) {
            rows.push(Row { date, timetype, hours: hours(time) });
            if WORK.contains(&timetype) {
                (worked, time_worked) = (true, time_worked + time);
            } else if timetype != "В" {
                let so_far = away.entry(timetype).or_default();
                (so_far.0, so_far.1) = (so_far.0 + 1, so_far.1 + time);
            }
        }
        let half = &mut halves[usize::from(day.day() > 15)];
        (half.0, half.1) = (half.0 + i64::from(worked), half.1 + time_worked);
    }
    let commas = known.habits.decimal_commas;
    let away = away.into_iter().map(|(code, sum)| Away { code, told: no_show(sum, commas) });
    let [(half1_days, first), (half2_days, second)] = halves;
    let (half1_hours, half2_hours) = (hours(first), hours(second));
    let (agent, away) = (agent.id.as_str(), away.collect());
    Sheet { agent, rows, away, half1_days, half1_hours, half2_days, half2_hours }
}

fn no_show((days, time): (i64, i64), commas: bool) -> String {
    match hours(time).to_string() {
        _ if time == 0 => days.to_string(),
        hours if commas => format!("{days}({})", hours.replace('.', ",")),
        hours => format!("{days}({hours})"),
    }
}

/// The types of a day, by what displaces what.
fn of_day(known: &Known, agent: &str, entered: &Entered, day: Date) -> Vec<Time> {
    let of_day = |one: &&&Absence| (one.days.0..=one.days.1).contains(&day);
    let absences = || entered.absences.iter().filter(of_day);
    let whole = absences().filter(|one| one.part.is_none()).min_by_key(|one| rank(one.code));
    if let Some(absence) = whole {
        return vec![(absence.code, 0)];
    }
    let documents = entered.documents.iter().filter(|one| one.day == day);
    let mut times = Vec::<Time>::new();
    let parts = absences().filter_map(|one| Some((one.code, one.part?)));
    for (code, time) in documents.flat_map(|one| one.time.iter().copied()).chain(parts) {
        match times.iter_mut().find(|(other, _)| *other == code) {
            Some((_, so_far)) => *so_far += time,
            None => times.push((code, time)),
        }
    }
    let missing = times.iter().filter(|(code, _)| !WORK.contains(code)).map(|(_, time)| time).sum();
    let mut all = planned(known, agent, day, missing, times.is_empty());
    all.extend(times);
    all
}

/// What is left of a plan that so much is missing of, by day first.
fn planned(known: &Known, agent: &str, day: Date, missing: i64, nothing_else: bool) -> Vec<Time> {
    let plan = known.plan(agent, day);
    let by_day = (plan.day - missing).max(0);
    let by_night = (plan.night - (missing - plan.day).max(0)).max(0);
    let left = [("Я", by_day), ("Н", by_night)].into_iter().filter(|(_, time)| *time > 0);
    let left: Vec<Time> = left.collect();
    let is_off = plan.day + plan.night == 0 && nothing_else;
    if is_off && known.schedule(agent, day).is_some() { vec![("В", 0)] } else { left }
}

fn rank(code: &str) -> usize {
    let at = |codes: &[&str]| codes.iter().position(|one| *one == code);
    let between = STRONGEST.len();
    at(&STRONGEST).or_else(|| Some(between + 1 + at(&WEAKEST)?)).unwrap_or(between)
}

/// Hours of milliseconds, with two digits after the point if there is a fraction.
fn hours(time: i64) -> Value {
    if time % HOUR == 0 {
        json!(time / HOUR)
    } else {
        json!((time as f64 / HOUR as f64 * 100.0).round() / 100.0)
    }
}
