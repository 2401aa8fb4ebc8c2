//! `GET agents/{startDate}/{endDate}`: departments and employees as they are now, with the
//! balances of vacation of a period.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::{Answered, Exception, done, exception};
use super::habits::Mishap;
use super::moment;
use super::people::{Agent, Department, Vacation};
use super::state::Known;

#[derive(Serialize)]
struct Staff<'a> {
    #[serde(rename = "AR_departments")]
    departments: Vec<Value>,
    #[serde(rename = "AR_agents")]
    agents: Vec<Person<'a>>,
}

#[derive(Serialize)]
struct Person<'a> {
    #[serde(flatten)]
    agent: &'a Agent,
    #[serde(skip_serializing_if = "Option::is_none")]
    finishwork: Option<Option<Date>>,
    #[serde(rename = "AR_vacation", skip_serializing_if = "Vec::is_empty")]
    vacation: Vec<&'a Vacation>,
}

/// Everybody who is hired and has not been away for more than a month.
pub(super) fn agents(
    known: &Known,
    period: (&str, &str),
    mishap: Option<&Mishap>,
) -> Result<Answered, Exception> {
    let (from, to) = match (moment::day(period.0), moment::day(period.1)) {
        (Some(from), Some(to)) if from <= to => (from, to),
        _ => return exception(format!("Неверный период: {} - {}", period.0, period.1)),
    };
    let departments = known.departments.iter().map(|department| department_of(department, known));
    let exchanged: BTreeSet<&str> = known.departments.iter().map(|one| one.id.as_str()).collect();
    let told = known.agents.values().filter(|agent| {
        exchanged.contains(agent.department.as_str()) && !is_long_gone(agent, known.habits.today)
    });
    let people = told.step_by(Mishap::one_of(mishap)).map(|agent| Person {
        agent,
        finishwork: match agent.dismissed {
            None if known.habits.as_the_table => None,
            dismissed => Some(dismissed),
        },
        vacation: agent.vacation.iter().filter(|one| from <= one.date && one.date <= to).collect(),
    });
    done(&[Staff { departments: departments.collect(), agents: people.collect() }])
}

fn is_long_gone(agent: &Agent, today: Date) -> bool {
    let gone = |last: Date| last.checked_add(Span::new().months(1)).is_ok_and(|end| end < today);
    agent.dismissed.is_some_and(gone)
}

fn department_of(department: &Department, known: &Known) -> Value {
    let parent =
        if known.habits.as_the_table { "parentDepartmentId" } else { "parent_departmentId" };
    let members = [
        ("departmentId", &department.id),
        ("department", &department.name),
        (parent, &department.parent),
    ];
    let members = members.map(|(name, value)| (name.to_owned(), Value::from(value.clone())));
    Value::Object(Map::from_iter(members))
}
