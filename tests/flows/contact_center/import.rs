//! Records that are imported in bulk: what comes of them, and how it is watched.

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulators::receiver::Receiver;
use tests::support::{Answer, World};

use super::{CC, beside_a_centre, historic};

const DAY: (&str, &str) = ("2026-06-01", "2026-06-02");

/// Imports records of agents' statuses, or what else is said here.
pub(super) async fn import(world: &World, more: Value) -> Answer {
    world.admin().send("POST", &format!("{CC}/bulk-import"), wanted(more)).await
}

fn wanted(more: Value) -> Value {
    let mut wanted = json!({ "data_type": "agent_status" });
    for (name, value) in more.as_object().expect("members") {
        wanted[name] = value.clone();
    }
    wanted
}

/// A status of an agent, from ten to eleven o'clock.
pub(super) fn status(agent: &str, status: &str) -> Value {
    json!({ "agent_id": agent, "status": status, "start_time": "2026-06-01T10:00:00Z",
        "end_time": "2026-06-01T11:00:00Z" })
}

/// Agents and their codes on the day.
pub(super) async fn kept(world: &World) -> Vec<String> {
    let told = historic(world, "agentStatusData", DAY.0, DAY.1, "").await;
    let items = told.json["agent_status_data"].as_array().cloned().unwrap_or_default();
    let text = |one: &Value, name| one[name].as_str().expect("a text").to_owned();
    items.iter().map(|one| text(one, "agent_id") + " " + &text(one, "state_code")).collect()
}

/// Records, those that are kept, those that are not.
pub(super) fn counts(answer: &Answer) -> [i64; 3] {
    ["total_records", "successful_records", "failed_records"]
        .map(|name| answer.json[name].as_i64().unwrap_or_else(|| panic!("{}", answer.text)))
}

#[tokio::test]
async fn records_of_every_kind_are_imported_and_told() {
    let (world, _centre, _) = beside_a_centre().await;
    let group = json!({ "service_id": "1", "group_id": "7",
        "interval_start": "2026-06-01T10:00:00Z", "metrics": { "received_calls": 10,
        "treated_calls": 8, "miss_calls": 2, "not_unique_received": 12, "aht": 60_000.0,
        "service_level": 80.0 } });
    let queue = json!({ "queue_id": "q", "timestamp": "2026-06-01T10:00:00Z",
        "metrics": { "waiting": 3 } });
    let login = json!({ "agent_id": "1", "login_date": "2026-06-01T08:00:00Z",
        "logout_date": "2026-06-01T17:00:00Z", "duration": 1 });
    let call = json!({ "agent_id": "1", "service_id": "1", "group_id": "7",
        "start_call": "2026-06-01T10:00:00Z", "end_call": "2026-06-01T10:05:00Z",
        "call_type": "incoming" });
    let chat = json!({ "agent_id": "1", "chat_id": "c", "start_time": "2026-06-01T22:45:00Z",
        "end_time": "2026-06-01T23:02:00Z" });
    let day = json!({ "agent_id": "2", "work_date": "2026-06-01", "work_time": 5000,
        "chat_sessions": 2 });
    for (kind, data) in [
        ("agent_status", json!([status("1", "after_call_work")])),
        ("service_group_metrics", json!([group])),
        ("queue_metrics", json!([queue])),
        ("agent_logins", json!([login])),
        ("agent_calls", json!([call])),
        ("agent_chats", json!([chat, day])),
    ] {
        let many = data.as_array().expect("records").len();
        let done = import(&world, json!({ "data_type": kind, "data": data })).await;
        assert_eq!(done.status, 200, "{kind}: {}", done.text);
        assert_eq!(done.json["successful_records"], many, "{kind}: {}", done.text);
        assert_eq!((&done.json["status"], &done.json["errors"]), (&json!("completed"), &json!([])));
    }
    let told = async |what: &str| historic(&world, what, DAY.0, DAY.1, "").await.json;
    let statuses = told("agentStatusData").await;
    assert_eq!(statuses["agent_status_data"][0]["state_name"], "After Call Work");
    let groups = told("serviceGroupData").await;
    let numbers = &groups["service_group_data"][0]["metrics"];
    assert_eq!(
        (&numbers["not_unique_received"], &numbers["aht"], &numbers["service_level"]),
        (&json!(12), &json!(60_000), &json!(80.0))
    );
    assert_eq!(told("agentLoginData").await["agent_login_data"][0]["duration"], 9 * 3_600_000);
    assert_eq!(told("agentCallsData").await["agent_calls_data"][0]["call_type"], "incoming");
    let chats = told("agentChatsWorkTime").await;
    let times = chats["agent_chats_work_time"].as_array().expect("rows").iter();
    let times: Vec<_> = times.map(|row| row["work_time"].as_i64()).collect();
    assert_eq!(times, [Some(17 * 60_000), Some(5000)]);
    let export = json!({ "data_type": "queue_metrics", "start_date": DAY.0, "end_date": DAY.1,
        "include_raw_data": true });
    let queues = world.admin().send("POST", &format!("{CC}/export-data"), export).await.json;
    assert_eq!(queues["data"][0]["metrics"], json!({ "waiting": 3 }));
    assert_eq!(queues["data"][0]["raw_data"]["queue_id"], "q", "as it was sent");
}

#[tokio::test]
async fn an_import_stands_in_the_log_the_trail_and_what_is_told_to_others() {
    let (world, _centre, connection) = beside_a_centre().await;
    let receiver = Receiver::start().await.expect("a receiver");
    let types = ["contact_center.data.imported", "integration.sync.*"];
    let new = json!({ "name": "n", "url": receiver.url(), "event_types": types });
    assert_eq!(world.admin().send("POST", "/integrations/webhooks", new).await.status, 200);
    let done = import(
        &world,
        json!({ "data": [status("1", "A"), {}],
        "validate_before_import": false }),
    )
    .await;
    assert_eq!(counts(&done), [2, 1, 1], "{}", done.text);
    let id = &done.json["batch_id"];
    let logs = format!("/integrations/connections/{connection}/sync-logs?sync_type=bulk_import");
    let log = world.admin().get(&logs).await.json["sync_logs"][0].clone();
    assert_eq!((&log["id"], &log["status"]), (id, &json!("completed")), "{log:#}");
    let records = ["records_processed", "records_successful", "records_failed"];
    assert_eq!(records.map(|name| log[name].as_i64()), [Some(2), Some(1), Some(1)]);
    let trail = world.admin().get("/api/v1/audit-logs?limit=10").await.text;
    for action in ["\"contact_center.import\"", "\"contact_center.import.complete\""] {
        assert!(trail.contains(action), "{trail}");
    }
    world.deliver().await;
    let told = receiver.took(3).await;
    let told = told.iter().map(|one| serde_json::from_slice::<Value>(&one.body).expect("JSON"));
    let mut told: Vec<_> = told.map(|one| one["event_type"].to_string()).collect();
    told.sort();
    assert_eq!(
        told,
        [
            "\"contact_center.data.imported\"",
            "\"integration.sync.completed\"",
            "\"integration.sync.started\""
        ]
    );
}

#[tokio::test]
async fn the_same_key_imports_once_whoever_comes_first() {
    let (world, _centre, _) = beside_a_centre().await;
    let path = format!("{CC}/bulk-import");
    let key = world.admin_key.clone();
    let bearer = format!("Bearer {key}");
    let admin = world.who(&[("authorization", &bearer), ("idempotency-key", "part-1")]);
    let body = || wanted(json!({ "data": [status("1", "A"), status("2", "B")] }));
    let all = join_all((0..4).map(|_| admin.send("POST", &path, body()))).await;
    for answer in &all {
        assert!(answer.status == 200 || answer.status == 202, "{}", answer.text);
        assert_eq!(answer.json["batch_id"], all[0].json["batch_id"]);
    }
    let again = admin.send("POST", &path, body()).await;
    assert_eq!((again.status, counts(&again)), (200, [2, 2, 0]), "{}", again.text);
    let imports = world.admin().get(&format!("{CC}/imports")).await.json;
    assert_eq!(imports.as_array().map(Vec::len), Some(1), "{imports:#}");
    let other = admin.send("POST", &path, wanted(json!({ "data": [status("1", "C")] }))).await;
    assert_eq!(other.status, 422, "{}", other.text);
    assert!(other.text.contains("Idempotency-Key"), "{}", other.text);
    assert_eq!(kept(&world).await, ["1 A", "2 B"]);
}

#[tokio::test]
async fn whoever_does_not_wait_can_watch() {
    let (world, _centre, _) = beside_a_centre().await;
    let receiver = Receiver::start().await.expect("a receiver");
    let new = json!({ "name": "n", "url": receiver.url(),
        "event_types": ["contact_center.import.*"] });
    assert_eq!(world.admin().send("POST", "/integrations/webhooks", new).await.status, 200);
    let data: Vec<Value> = (0..250).map(|agent| status(&agent.to_string(), "A")).collect();
    let bearer = format!("Bearer {}", world.admin_key);
    let hurried = [("authorization", bearer.as_str()), ("prefer", "respond-async, wait=5")];
    let body = wanted(json!({ "data": data, "batch_size": 100 }));
    let taken = world.who(&hurried).send("POST", &format!("{CC}/bulk-import"), body).await;
    assert_eq!(taken.status, 202, "{}", taken.text);
    assert_eq!(taken.header("preference-applied"), "respond-async");
    assert_eq!(kept(&world).await, Vec::<String>::new());
    let place = taken.header("location").to_owned();
    let before = world.admin().get(&place).await.json;
    assert_eq!((&before["status"], &before["progress_percentage"]), (&json!("started"), &json!(0)));
    world.workforce().await;
    let after = world.admin().get(&place).await.json;
    assert_eq!(
        (&after["status"], &after["successful_records"]),
        (&json!("completed"), &json!(250))
    );
    assert_eq!(after["progress_percentage"], 100);
    assert_eq!(kept(&world).await.len(), 250);
    world.deliver().await;
    let told = receiver.took(2).await;
    let told = told.iter().map(|one| serde_json::from_slice::<Value>(&one.body).expect("JSON"));
    let mut told: Vec<_> = told.map(|one| one["payload"]["records_processed"].as_i64()).collect();
    told.sort_unstable();
    assert_eq!(told, [Some(100), Some(200)], "the end is told of otherwise");
}

#[tokio::test]
async fn what_is_there_already_stays_unless_it_is_to_be_replaced() {
    let (world, _centre, _) = beside_a_centre().await;
    let first = json!({ "data": [status("1", "A"), status("2", "A")] });
    assert_eq!(counts(&import(&world, first.clone()).await), [2, 2, 0]);
    let again = import(&world, first).await;
    assert_eq!(counts(&again), [2, 2, 0], "the same again is no error: {}", again.text);

    let mut longer = status("1", "A");
    longer["end_time"] = json!("2026-06-01T12:00:00Z");
    let data = json!([status("3", "A"), longer, status("2", "A")]);
    let whole = import(&world, json!({ "data": data })).await;
    assert_eq!((whole.status, counts(&whole)), (200, [3, 0, 3]), "{}", whole.text);
    assert_eq!(whole.json["status"], "rejected");
    assert_eq!(whole.json["processing_time_ms"], 0);
    assert_eq!(whole.json["errors"][0]["record_index"], 1, "{}", whole.text);
    assert_eq!(whole.json["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(kept(&world).await, ["1 A", "2 A"], "none is");

    let some = json!({ "data": data, "validate_before_import": false });
    let some = import(&world, some).await;
    assert_eq!(counts(&some), [3, 2, 1], "{}", some.text);
    assert_eq!(some.json["errors"][0]["record_index"], 1);
    assert_eq!(kept(&world).await, ["1 A", "2 A", "3 A"]);
    let end = async || {
        let told = historic(&world, "agentStatusData", DAY.0, DAY.1, "&agents=1").await;
        told.json["agent_status_data"][0]["end_date"].clone()
    };
    assert_eq!(end().await, "2026-06-01T11:00:00Z");

    let all = import(&world, json!({ "data": data, "update_existing": true })).await;
    assert_eq!(counts(&all), [3, 3, 0], "{}", all.text);
    assert_eq!(end().await, "2026-06-01T12:00:00Z");
}
