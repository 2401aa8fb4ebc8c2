//! 1C beside a running installation.

use anyhow::Result;
use serde_json::{Value, json};
use simulators::onec::Zup;
use tests::support::{Installation, Target};

use super::{ONEC, people};
use crate::flows::personnel::live::connection;

/// People and norm hours are asked for, a schedule and a time are sent, once, and what the
/// times were is told.
pub async fn all(target: &Target) -> Result<()> {
    let (admin, zup) = (target.admin(), Zup::start().await?);
    people(&zup);
    let id = connection(&admin, &zup.url()).await?;
    let post = async |path: &str, body: Value| {
        let answer = admin.post_json(&format!("{ONEC}/{path}?connection_id={id}"), &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    };
    let agents = format!("{ONEC}/agents/2026-06-01/2026-06-30?connection_id={id}");
    let agents = admin.get(&agents).await;
    assert_eq!((agents.status, &agents.json["total_count"]), (200, &json!(2)), "{}", agents.text);
    let asked = json!({ "startDate": "2026-06-01", "endDate": "2026-06-30",
        "calculationMode": "month",
        "AR_agents": [{ "agentId": "a-1", "AR_norms": [{ "normWeek": 40 }] }] });
    let norm = post("getNormHours", asked).await;
    assert!(norm.to_string().contains("167"), "21 days, and one hour less on one: {norm:#}");
    let schedule = json!({ "schedule_id": "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d",
        "start_date": "2026-06-01", "end_date": "2026-06-30",
        "employees": [{ "employee_id": "a-1" }], "shifts": [{ "employee_id": "a-1",
            "date": "2026-06-10", "start_time": "09:00", "end_time": "18:00" }] });
    assert_eq!(post("sendSchedule", schedule).await["success"], true);
    let fact = json!([{ "employee_id": "a-1", "date": "2026-06-10", "start_time": "09:00",
        "end_time": "19:00", "hours_worked": 10 }]);
    for _ in 0..2 {
        assert_eq!(post("sendFactWorkTime", fact.clone()).await["success"], true);
    }
    assert_eq!(zup.calls("sendFactWorkTime"), 1, "it is sent once");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_holds_on_the_local_process() -> Result<()> {
    Installation::holds(all).await
}
