//! 1C as the walk calls it.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::onec::{Agent, Department, Zup};
use tests::support::{Answer, Caller};

use crate::flows::personnel::live::connection;

const ONEC: &str = "/integrations/1c";
/// A year whose calendar a tenant loads.
pub const YEAR: &str = "2031";
/// What a time record is called.
pub const FACT: &str = "2018-01-10T09:00:00~a-1";

/// Whether this operation is one of 1C.
pub fn has(operation: &str) -> bool {
    operation.contains("onec")
}

/// Loads the calendar of [`YEAR`].
pub async fn calendar(admin: &Caller) -> Answer {
    let days = json!({ "days_off": ["2031-01-01"] });
    let path = format!("{ONEC}/calendars/{YEAR}");
    admin.send(admin.request(Method::PUT, &path).json(&days)).await
}

/// A 1C with one employee, and the query that names a connection to it.
async fn zup(admin: &Caller) -> Result<(Zup, String)> {
    let zup = Zup::start().await?;
    zup.department(Department::root("d-1", "Служба сервиса"));
    zup.agent(Agent::new("a-1", "d-1"));
    let query = format!("?connection_id={}", connection(admin, &zup.url()).await?);
    Ok((zup, query))
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    let (_zup, query) = zup(admin).await?;
    let path = |below: &str| format!("{ONEC}/{below}{query}");
    let schedule = json!({ "schedule_id": "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d",
        "start_date": "2018-01-01", "end_date": "2018-01-31",
        "employees": [{ "employee_id": "a-1" }], "shifts": [{ "employee_id": "a-1",
            "date": "2018-01-10", "start_time": "09:00", "end_time": "18:00" }] });
    let fact = json!([{ "employee_id": "a-1", "date": "2018-01-10", "start_time": "09:00",
        "end_time": "17:00", "hours_worked": 8 }]);
    Ok(match operation {
        "send_onec_schedule" => admin.post_json(&path("sendSchedule"), &schedule).await,
        "send_onec_fact_work_time" => admin.post_json(&path("sendFactWorkTime"), &fact).await,
        "configure_onec" => {
            let config: Value = json!({ "retry_attempts": 1 });
            admin.send(admin.request(Method::PUT, &path("config")).json(&config)).await
        }
        "test_onec" => admin.post(&path("test-connection")).await,
        "load_onec_calendar" => calendar(admin).await,
        "resolve_onec_fact" => {
            let sent = admin.post_json(&path("sendFactWorkTime"), &fact).await;
            let made = sent.json["success"].as_bool().with_context(|| sent.text.clone())?;
            assert!(made, "{}", sent.text);
            let resolution = json!({ "outcome": "did_not_happen", "reason": "object" });
            // As after its document was deleted in 1C.
            admin.post_json(&path(&format!("facts/{FACT}/resolve")), &resolution).await
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}
