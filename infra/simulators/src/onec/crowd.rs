//! Many people at once: the same ones for the same number, as different from each other as
//! people are.

use jiff::civil::date;

use super::people::{Agent, Department};

/// How many people a department has.
const IN_ONE: usize = 100;

const LAST: [&str; 8] =
    ["Счастный", "Левин", "Зубков", "Ёлкин", "Щукин", "Орлов", "Мельник", "Йорданов"];
const FIRST: [&str; 5] = ["Никита", "Илья", "Савелий", "Юрий", "Пётр"];
const SECOND: [&str; 3] = ["Алексеевич", "Витальевич", "Петрович"];
/// Hours a week that some have.
const NORMS: [f64; 10] = [40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 36.0, 30.0, 20.0];

/// The id of the employee with this number.
pub fn agent_id(number: usize) -> String {
    format!("{number:08x}-7a51-11e6-80ec-00155d00edab")
}

/// The id of the department with this number; that of the number 0 has all others below it.
pub fn department_id(number: usize) -> String {
    format!("{number:08x}-7352-11e6-80ef-00155d6651df")
}

/// The departments that so many people are in.
pub(super) fn departments(people: usize) -> impl Iterator<Item = Department> {
    let root = department_id(0);
    let below = (1..=people.div_ceil(IN_ONE)).map(move |number| {
        let name = format!("Отдел обслуживания клиентов № {number}");
        Department::below(&root, &department_id(number), &name)
    });
    std::iter::once(Department::root(&department_id(0), "Служба сервиса")).chain(below)
}

/// The employee with this number, counted from 0.
pub(super) fn agent(number: usize) -> Agent {
    let one_of = |names: &[&'static str]| names[number % names.len()];
    // Within the first days of a month, whatever the month.
    let day = i8::try_from(number % 28).unwrap_or_default() + 1;
    let agent = Agent::new(&agent_id(number), &department_id(1 + number / IN_ONE))
        .hired(date(2017, 1, day))
        .named(one_of(&LAST), one_of(&FIRST), one_of(&SECOND))
        .numbered(&format!("{number:06}"));
    Agent {
        norm_week: NORMS[number % NORMS.len()],
        rate: Some(1.0),
        login: (!number.is_multiple_of(7)).then(|| format!("operator{number}")),
        area: Some("Екатеринбург".to_owned()),
        ..agent
    }
}
