//! `POST getNormHours`: norms of hours by month, quarter or year, from the production
//! calendar, clipped to the period and to the time of employment.
//! Formula: norm of the week / 5 × working days − an hour for each day before a holiday. The
//! rate is in the norm of the week already.

use jiff::Span;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::answer::{Answered, Exception, done, exception};
use super::calendar::{Counted, NotFilled, Worked};
use super::habits::Mishap;
use super::people::Agent;
use super::read::Members;
use super::state::Known;

/// Norms of the week in hundredths of an hour, each from its day on, in order.
type Norms = Vec<(Date, i64)>;

/// How many months a row is of.
fn months(mode: &str) -> Result<i8, Exception> {
    match mode {
        "month" => Ok(1),
        "quarter" => Ok(3),
        "year" => Ok(12),
        _ => exception(format!("Неизвестный режим расчета: {mode}")),
    }
}

/// A row for each employee and month, quarter or year.
pub(super) fn norm_hours(
    known: &Known,
    asked: Members,
    mishap: Option<&Mishap>,
) -> Result<Answered, Exception> {
    let (from, to) = (asked.day("startDate")?, asked.day("endDate")?);
    let months = months(asked.text("calculationMode")?)?;
    if from > to {
        return exception(format!("Неверный период: {from} - {to}"));
    }
    let (mut rows, mut counted) = (Vec::<Value>::new(), Counted::new(&known.calendars));
    for one in asked.list("AR_agents")?.into_iter().step_by(Mishap::one_of(mishap)) {
        let (agent, norms) = (known.agent(one.text("agentId")?)?, norms(one)?);
        for (start, end) in parts(from, to, months) {
            let (start, end) = clipped(agent, start, end);
            if start > end {
                continue;
            }
            let thousandths =
                hours(&mut counted, agent, &norms, start, end).or_else(|NotFilled(year)| {
                    exception(format!("Не заполнен производственный календарь за {year} год"))
                })?;
            rows.push(json!({"agentId": agent.id, "normHours": number(thousandths),
                "startDate": start, "endDate": end}));
        }
    }
    done(&rows)
}

fn norms(one: Members) -> Result<Norms, Exception> {
    let mut norms = Norms::new();
    for norm in one.list("AR_norms")? {
        let since = if norm.has("changeDate") { norm.day("changeDate")? } else { Date::MIN };
        norms.push((since, (norm.number("normWeek")? * 100.0).round() as i64));
    }
    norms.sort_unstable();
    if norms.is_empty() {
        exception("Не заполнена норма времени (AR_norms)")
    } else {
        Ok(norms)
    }
}

/// The months, quarters or years of a period, the first and the last one clipped to it.
fn parts(from: Date, to: Date, months: i8) -> impl Iterator<Item = (Date, Date)> {
    let first = (from.month() - 1) / months * months + 1;
    let after = move |start: &Date| start.checked_add(Span::new().months(months)).ok();
    let starts = std::iter::successors(Some(date(from.year(), first, 1)), after);
    starts.take_while(move |start| *start <= to).map(move |start| {
        let end = after(&start).and_then(|next| next.yesterday().ok()).unwrap_or(Date::MAX);
        (start.max(from), end.min(to))
    })
}

fn clipped(agent: &Agent, start: Date, end: Date) -> (Date, Date) {
    (start.max(agent.hired), agent.dismissed.map_or(end, |last| end.min(last)))
}

/// In thousandths of an hour. Before its first day the first norm holds as well.
fn hours<'a>(
    counted: &mut Counted<'a>,
    agent: &'a Agent,
    norms: &Norms,
    start: Date,
    end: Date,
) -> Result<i64, NotFilled> {
    let mut thousandths = 0;
    for (at, (_, norm)) in norms.iter().enumerate() {
        let since = if at == 0 { start } else { start.max(norms[at].0) };
        let before = norms.get(at + 1).and_then(|next| next.0.yesterday().ok());
        let until = before.map_or(end, |before| end.min(before));
        let Worked { days, shorter } = counted.worked(&agent.region, since, until)?;
        thousandths += norm * 2 * days - 1000 * shorter;
    }
    Ok(thousandths)
}

/// Without a fraction where there is none.
fn number(thousandths: i64) -> Value {
    if thousandths % 1000 == 0 {
        json!(thousandths / 1000)
    } else {
        json!(thousandths as f64 / 1000.0)
    }
}
