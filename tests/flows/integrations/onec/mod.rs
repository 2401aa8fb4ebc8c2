//! 1C:ZUP: what it tells, what is sent to it, and what happens when it fails.

mod agents;
mod calendars;
mod connection;
mod deviations;
mod facts;
mod failing;
pub mod live;
mod norm_hours;
mod resolved;
mod schedules;
mod sessions;
mod time_types;

use jiff::civil::date;
use serde_json::{Value, json};
use simulators::onec::{Agent, Department, RUSSIA, USER, Zup};
use tests::support::{Answer, World};

use super::CONNECTIONS;

/// Where 1C is.
pub const ONEC: &str = "/integrations/1c";

/// Holidays of the year that the worlds of these tests are in, for the simulated 1C.
const YEAR: &str = "year 2026\nholiday 01-01..01-08 02-23 03-09 05-01 05-11 06-12 11-04\n\
    pre-holiday 04-30 05-08 06-11 11-03";

/// A world beside a 1C with one employee, `a-1`; both are in June 2026.
pub async fn beside_1c() -> (World, Zup) {
    let world = World::beside_its_targets(&[]).await;
    let zup = Zup::start().await.expect("a 1C");
    people(&zup);
    create(&world, &zup, json!({})).await;
    (world, zup)
}

/// Two employees of a department, on the first of June.
pub fn people(zup: &Zup) {
    zup.habits(|habits| habits.today = date(2026, 6, 1));
    assert!(zup.calendar(RUSSIA, YEAR));
    zup.department(Department::root("d-1", "Служба сервиса"));
    zup.department(Department::below("d-1", "d-2", "Отдел продаж"));
    zup.agent(Agent::new("a-1", "d-1").numbered("223-16"));
    zup.agent(Agent::new("a-2", "d-2").named("Левин", "Илья", "Петрович"));
}

/// A connection to that 1C with these settings, in use; answers its id.
pub async fn create(world: &World, zup: &Zup, config: Value) -> String {
    let mut config = config;
    config["retry_attempts"] = config.get("retry_attempts").cloned().unwrap_or(json!(0));
    let new = json!({"name": "1C ZUP", "integration_type": "1c", "endpoint_url": zup.url(),
        "authentication_type": "basic", "config": config,
        "credentials": {"username": USER.0, "password": USER.1}});
    let made = world.admin().send("POST", CONNECTIONS, new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let path = format!("{CONNECTIONS}/{id}");
    let active = world.admin().send("PUT", &path, json!({"status": "active"})).await;
    assert_eq!(active.status, 200, "{}", active.text);
    id
}

/// The admin posts this to a method of 1C.
pub async fn post(world: &World, method: &str, body: Value) -> Answer {
    world.admin().send("POST", &format!("{ONEC}/{method}"), body).await
}

/// What the admin reads there, which must be there.
pub async fn get(world: &World, path: &str) -> Value {
    let answer = world.admin().get(&format!("{ONEC}/{path}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

/// Status, field at fault and words of a refusal.
pub fn refusal(answer: &Answer) -> (u16, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (field, detail) = (&answer.json["errors"][0]["field"], &answer.json["detail"]);
    (answer.status, text(field), text(detail))
}

/// The newest sync log of a type: its status, processed, successful and failed records, and
/// what went wrong.
pub async fn newest_log(world: &World, of: &str) -> (String, [i64; 3], Value) {
    let all = world.admin().get(CONNECTIONS).await.json;
    let id = all[0]["id"].as_str().expect("a connection").to_owned();
    let path = format!("{CONNECTIONS}/{id}/sync-logs?sync_type={of}");
    let log = world.admin().get(&path).await.json["sync_logs"][0].clone();
    let number = |name: &str| log[name].as_i64().unwrap_or(-1);
    let records = ["records_processed", "records_successful", "records_failed"].map(number);
    let status = log["status"].as_str().unwrap_or_default().to_owned();
    (status, records, log["error_details"].clone())
}

/// A schedule of June with one shift of each of these employees, from nine to six with an
/// hour's break.
pub fn june(employees: &[&str], days: &[i8]) -> Value {
    let shift = |employee: &str, day: &i8| {
        json!({"employee_id": employee, "date": date(2026, 6, *day), "start_time": "09:00",
            "end_time": "18:00", "break_minutes": 60})
    };
    let shifts: Vec<Value> = employees
        .iter()
        .flat_map(|employee| days.iter().map(move |day| shift(employee, day)))
        .collect();
    let employees: Vec<Value> =
        employees.iter().map(|employee| json!({"employee_id": employee})).collect();
    json!({"schedule_id": "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d", "start_date": "2026-06-01",
        "end_date": "2026-06-30", "employees": employees, "shifts": shifts})
}

/// What somebody worked from one time to another on a day of June.
pub fn worked(employee: &str, day: i8, from: &str, to: &str, hours: f64) -> Value {
    json!({"employee_id": employee, "date": date(2026, 6, day), "start_time": from,
        "end_time": to, "hours_worked": hours})
}
