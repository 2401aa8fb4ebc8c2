//! `POST sendFactWorkTime`: what was worked of one shift, of which documents are made that
//! tell how it differs from the schedule. Each call makes its own: nothing tells a repeat.
//! Here `result` is a Boolean.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::answer::{Answered, Exception, done, not_done};
use super::habits::Mishap;
use super::moment;
use super::read::Members;
use super::schedule::Shift;
use super::state::Known;

/// A document that tells of a deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its number, counted from 1.
    pub number: usize,
    /// What it is called in the answer.
    pub name: &'static str,
    /// The employee.
    pub agent: String,
    /// The day that the shift starts on.
    pub day: Date,
    /// Type of time, and how much, in milliseconds.
    pub time: Vec<(&'static str, i64)>,
    /// Says who had it made.
    pub comment: String,
}

/// Work on a day off or a holiday.
pub const DAY_OFF_WORKED: &str = "Работа в выходные";
/// Work after the end of a shift.
pub const OVERTIME: &str = "Работа сверхурочно";
/// A shift or a part of one that nobody came to.
pub const ABSENCE: &str = "Неявка";

/// Makes the documents of a shift.
pub(super) fn send_fact_work_time(
    known: &mut Known,
    asked: Members,
    mishap: Option<&Mishap>,
) -> Result<Answered, Exception> {
    let agent = known.agent(asked.text("agentId")?)?;
    let initiator = asked.text("initiator_name")?;
    let day = asked.moment("date_start")?.date();
    let mut fact = Shift::default();
    for one in asked.list("loginfo")? {
        let time = one.milliseconds("time")?;
        let (by_day, by_night) = moment::day_and_night(one.moment("start")?, time);
        (fact.day, fact.night) = (fact.day + by_day, fact.night + by_night);
    }
    let refused = matches!(mishap, Some(Mishap::NotDone(_))) || !agent.works(day);
    let deviations =
        if refused { Vec::new() } else { deviations(known.plan(&agent.id, day), fact) };
    let Some(name) = deviations.first().map(|(name, _)| *name) else {
        return not_done(&json!({"result": false, "doc": Value::Null}));
    };
    let (agent, today) = (agent.id.clone(), known.habits.today);
    for (name, time) in deviations {
        known.documents_made += 1;
        let comment = format!("Загрузка из WFM {today} {initiator}");
        let (number, agent) = (known.documents_made, agent.clone());
        known.documents.push(Document { number, name, agent, day, time, comment });
    }
    done(&json!({"result": true, "doc": name}))
}

/// The documents that a plan and a fact make, by the vendor's table.
fn deviations(plan: Shift, fact: Shift) -> Vec<(&'static str, Vec<(&'static str, i64)>)> {
    let (planned, worked) = (plan.day + plan.night, fact.day + fact.night);
    let some = |time: Vec<(&'static str, i64)>| -> Vec<_> {
        time.into_iter().filter(|(_, time)| *time > 0).collect()
    };
    if planned == 0 {
        let time = some(vec![("РВ", fact.day), ("РВН", fact.night)]);
        return if time.is_empty() { Vec::new() } else { vec![(DAY_OFF_WORKED, time)] };
    }
    if worked > planned {
        return vec![(OVERTIME, vec![("С", worked - planned)])];
    }
    // By day and by night are told in documents of their own, and never more than is missing.
    let missing = planned - worked;
    let by_day = (plan.day - fact.day).clamp(0, missing);
    let parts = some(vec![("НН", by_day), ("НН", missing - by_day)]);
    parts.into_iter().map(|part| (ABSENCE, vec![part])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_those_of_the_vendor_s_table() {
        let check = |plan: (i64, i64), fact: (i64, i64), made: &[(&str, &[(&str, i64)])]| {
            let shift = |(day, night)| Shift { day, night };
            let found = deviations(shift(plan), shift(fact));
            let found: Vec<_> = found.iter().map(|(name, time)| (*name, time.as_slice())).collect();
            assert_eq!(found, made, "{plan:?} {fact:?}");
        };
        check((0, 0), (8, 0), &[(DAY_OFF_WORKED, &[("РВ", 8)])]);
        check((0, 0), (0, 4), &[(DAY_OFF_WORKED, &[("РВН", 4)])]);
        check((8, 0), (0, 0), &[(ABSENCE, &[("НН", 8)])]);
        check((8, 0), (4, 0), &[(ABSENCE, &[("НН", 4)])]);
        check((8, 0), (10, 0), &[(OVERTIME, &[("С", 2)])]);
        check((0, 0), (3, 8), &[(DAY_OFF_WORKED, &[("РВ", 3), ("РВН", 8)])]);
        check((4, 8), (0, 0), &[(ABSENCE, &[("НН", 4)]), (ABSENCE, &[("НН", 8)])]);
        check((4, 8), (3, 6), &[(ABSENCE, &[("НН", 1)]), (ABSENCE, &[("НН", 2)])]);
        check((8, 0), (0, 4), &[(ABSENCE, &[("НН", 4)])]);
        check((4, 8), (4, 9), &[(OVERTIME, &[("С", 1)])]);
        check((8, 0), (8, 0), &[]);
        check((0, 0), (0, 0), &[]);
    }
}
