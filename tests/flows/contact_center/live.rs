//! A contact centre beside a running installation, which works through what is due by itself.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::{Clock, timestamp};
use shared::web::to_the_second;
use simulators::contact_center::{ContactCenter, GroupLoad, State, Stay};
use tests::support::{Caller, Installation, Target};

use super::CC;
use crate::flows::live::sockets::open;

const HOUR: i64 = 3_600_000;

/// Statuses are pushed and told, records imported at once and by a worker, what was is pulled,
/// and all of it is told in both styles and handed over.
pub async fn all(target: &Target) -> Result<()> {
    let (admin, centre) = (target.admin(), ContactCenter::start().await?);
    centre.people(1, 2);
    centre.load("1", GroupLoad::default());
    let query = format!("connection_id={}", admin.contact_center(&centre.url()).await);
    let at = |path: &str| {
        let with = if path.contains('?') { '&' } else { '?' };
        format!("{CC}/{path}{with}{query}")
    };
    let get = async |path: &str| {
        let answer = admin.get(&at(path)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    };
    let pushed = json!({ "agent_id": "p", "status": "available",
        "timestamp": "2024-01-15T10:30:00Z" });
    assert_eq!(admin.post_json(&at("status"), &pushed).await.status, 202);
    assert_eq!(get("online/agentStatus").await["agent_status"][0]["agent_id"], "p");
    assert_eq!(get("online/groupsLoad").await["total_groups"], 1);
    assert_eq!(get("status").await["status"], "active");
    imports(&admin, at("bulk-import")).await?;
    let day = "agentStatusData?start_date=2024-01-15&end_date=2024-01-16";
    let told = get(&format!("historic/{day}")).await;
    assert_eq!(told["total_count"], 3, "{told:#}");
    let day = "agentStatusData?startDate=2024-01-15T00:00:00Z&endDate=2024-01-16T00:00:00Z";
    let told = get(&format!("historic/{day}&agentId=i")).await;
    assert_eq!(told[0]["states"][0]["stateCode"], "break");
    pulls(&admin, &centre, at("pull"), &get).await?;
    let wanted = json!({ "data_type": "agent_status", "start_date": "2024-01-15",
        "end_date": "2024-01-16", "format": "csv" });
    let csv = admin.post_json(&at("export-data"), &wanted).await;
    assert_eq!((csv.status, csv.text.lines().count()), (200, 4), "{}", csv.text);
    Ok(())
}

/// Records are imported while the caller waits, and by a worker.
async fn imports(admin: &Caller, path: String) -> Result<()> {
    let record = |agent: &str| {
        json!({ "data_type": "agent_status", "data": [{ "agent_id": agent, "status": "break",
            "start_time": "2024-01-15T10:00:00Z", "end_time": "2024-01-15T10:15:00Z" }] })
    };
    let done = admin.post_json(&path, &record("i")).await;
    assert_eq!((done.status, &done.json["successful_records"]), (200, &json!(1)), "{}", done.text);
    let hurried = admin.request(Method::POST, &path).header("prefer", "respond-async");
    let taken = admin.send(hurried.json(&record("j"))).await;
    assert_eq!(taken.status, 202, "{}", taken.text);
    let place = taken.header("location").to_owned();
    let over = admin.get_when(&place, |import| import["status"] != "started").await;
    assert_eq!(over["successful_records"], 1, "{over:#}");
    let errors = admin.get(&format!("{place}/errors")).await.json;
    assert_eq!(errors["total_errors"], 0);
    Ok(())
}

/// What was in the last hours is pulled.
async fn pulls(
    admin: &Caller,
    centre: &ContactCenter,
    path: String,
    get: &impl AsyncFn(&str) -> Value,
) -> Result<()> {
    let now = Clock::system().now_ms();
    let [from, to] = [now - 2 * HOUR, now - HOUR].map(timestamp);
    centre.state(State::new("1", "WORK", "Work", from).until(to));
    centre.login(Stay::new("1", from, to));
    let started = admin.post_json(&path, &json!({})).await;
    assert_eq!(started.status, 200, "{}", started.text);
    let over = |pull: &Value| pull["running"].is_null() && !pull["last"].is_null();
    let pull = admin.get_when(&path, over).await;
    assert_eq!(pull["last"]["status"], "completed", "{pull:#}");
    let (start, end) = (to_the_second(now - 3 * HOUR), to_the_second(now));
    let period = format!("?start_date={start}&end_date={end}&agents=1");
    let logins = get(&format!("historic/agentLoginData{period}")).await;
    let login = logins["agent_login_data"][0].clone();
    assert_eq!(login["duration"].as_i64().context("a duration")?, HOUR, "{logins:#}");
    let states = get(&format!("historic/agentStatusData{period}")).await;
    assert_eq!(states["agent_status_data"][0]["state_code"], "WORK");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_watched_as_it_goes_on() -> Result<()> {
    let installation = Installation::start().await;
    let admin = installation.admin();
    admin.contact_center("http://127.0.0.1:9").await;
    let mut socket = open(&admin).await;
    socket.subscribe(&["contact_center.*"]).await;
    let record = |agent: usize| {
        json!({ "agent_id": agent.to_string(), "status": "A",
            "start_time": "2024-01-15T10:00:00Z" })
    };
    let body = json!({ "data_type": "agent_status", "batch_size": 100,
        "data": (0..250).map(record).collect::<Vec<_>>() });
    let done = admin.post_json(&format!("{CC}/bulk-import"), &body).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(socket.hear().await);
    }
    let done = |one: &Value| one["data"]["records_processed"].as_i64();
    let mut done: Vec<_> = heard.iter().map(done).collect();
    done.sort_unstable();
    assert_eq!(done, [Some(100), Some(200), Some(250)], "{heard:#?}");
    socket.close().await;
    installation.app.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_holds_on_the_local_process() -> Result<()> {
    Installation::holds(all).await
}
