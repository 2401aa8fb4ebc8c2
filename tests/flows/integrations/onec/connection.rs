//! Which 1C is meant, how it is, how it is configured and tested.

use serde_json::{Value, json};
use simulators::onec::Zup;
use tests::support::World;

use super::super::CONNECTIONS;
use super::{ONEC, beside_1c, create, get, june, newest_log, people, post, refusal, worked};

/// Every operation that needs a connection that is in use, called as it should be.
async fn statuses(world: &World, bearer: &str, query: &str) -> Vec<(u16, String)> {
    let norms = json!({"employee_id": "a-1", "start_date": "2026-06-01", "end_date": "2026-06-30"});
    let timesheet = json!({"employee_id": "a-1", "date": "2026-06-01"});
    let mut answers = Vec::new();
    for (method, path, body) in [
        ("GET", "agents/2026-06-01/2026-06-30", Value::Null),
        ("GET", "deviations?start_date=2026-06-01&end_date=2026-06-30", Value::Null),
        ("POST", "getNormHours", norms),
        ("POST", "getTimetypeInfo", timesheet),
        ("POST", "sendSchedule", june(&["a-1"], &[2])),
        ("POST", "sendFactWorkTime", json!([worked("a-1", 2, "09:00", "10:00", 1.0)])),
    ] {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{ONEC}/{path}{joint}{query}");
        let answer = world.bearer(bearer).send(method, &path, body).await;
        answers.push((answer.status, refusal(&answer).2));
    }
    answers
}

async fn key_of_another_tenant(world: &World) -> String {
    let made = world.admin().send("POST", "/api/v1/tenants", json!({"id": "other"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["admin_key"].as_str().expect("a key").to_owned()
}

#[tokio::test]
async fn without_a_connection_in_use_there_is_no_1c() {
    let (world, zup) = beside_1c().await;
    let stranger = key_of_another_tenant(&world).await;
    let none = "1C integration not configured or inactive";
    for (status, detail) in statuses(&world, &stranger, "").await {
        assert_eq!((status, detail.as_str()), (404, none));
    }
    let id = world.admin().get(CONNECTIONS).await.json[0]["id"].as_str().expect("one").to_owned();
    for (status, detail) in statuses(&world, &stranger, &format!("connection_id={id}")).await {
        assert_eq!((status, detail.as_str()), (404, "Integration connection not found"));
    }
    for (method, path) in [
        ("GET", "status"),
        ("PUT", "config"),
        ("POST", "test-connection"),
        ("GET", "facts?state=unknown"),
    ] {
        let body = if method == "GET" { Value::Null } else { json!({}) };
        let answer = world.bearer(&stranger).send(method, &format!("{ONEC}/{path}"), body).await;
        let expected = (404, String::new(), "1C integration not configured".to_owned());
        assert_eq!(refusal(&answer), expected, "{path}");
    }
    let path = format!("{CONNECTIONS}/{id}");
    world.admin().send("PUT", &path, json!({"status": "inactive"})).await;
    for (status, detail) in statuses(&world, &world.admin_key, "").await {
        assert_eq!((status, detail.as_str()), (404, none));
    }
    assert_eq!(get(&world, "status").await["status"], "inactive");
    // What was sent over it can still be looked up.
    assert_eq!(get(&world, "facts?state=unknown").await, json!([]));
    assert_eq!((zup.calls("sendSchedule"), zup.calls("sendFactWorkTime")), (0, 0));
}

#[tokio::test]
async fn of_two_connections_one_is_named() {
    let (world, zup) = beside_1c().await;
    let other = Zup::start().await.expect("a 1C");
    people(&other);
    let second = create(&world, &other, json!({})).await;
    for (status, detail) in statuses(&world, &world.admin_key, "").await {
        assert_eq!((status, detail.contains("connection_id")), (409, true), "{detail}");
    }
    for (status, detail) in
        statuses(&world, &world.admin_key, &format!("connection_id={second}")).await
    {
        assert_eq!(status, 200, "{detail}");
    }
    assert_eq!((zup.calls("sendSchedule"), other.calls("sendSchedule")), (0, 1));
    assert_eq!((zup.calls("sendFactWorkTime"), other.calls("sendFactWorkTime")), (0, 1));
    // What one has says nothing of the other.
    let all = world.admin().get(CONNECTIONS).await.json;
    let ids = all.as_array().expect("connections").iter().filter_map(|one| one["id"].as_str());
    let first = ids.into_iter().find(|id| *id != second).expect("another one");
    let fact = json!([worked("a-1", 2, "09:00", "10:00", 1.0)]);
    let path = format!("sendFactWorkTime?connection_id={first}");
    let result = post(&world, &path, fact).await.json["data"]["results"][0].clone();
    assert_eq!((&result["repeated"], zup.documents().len()), (&json!(false), 1));
    let sent = get(&world, &format!("status?connection_id={second}")).await;
    assert_eq!(sent["performance_metrics"]["total_syncs"], 2);
}

#[tokio::test]
async fn settings_are_replaced_and_checked() {
    let (world, zup) = beside_1c().await;
    let path = format!("{ONEC}/config");
    let given = json!({"time_zone": "Asia/Omsk", "ib_session": true, "retry_attempts": 1});
    let changed = world.admin().send("PUT", &path, given).await;
    assert_eq!((changed.status, &changed.json["success"]), (200, &json!(true)), "{}", changed.text);
    assert_eq!(changed.json["message"], "1C configuration updated successfully");
    let config = &changed.json["data"]["config"];
    let shown = (&config["time_zone"], &config["retry_attempts"], &config["timeout_seconds"]);
    assert_eq!(shown, (&json!("Asia/Omsk"), &json!(1), &json!(30)));
    assert_eq!(newest_log(&world, "config_update").await.0, "completed");
    for (given, field) in [
        (json!({"time_zone": "Mars"}), "config.time_zone"),
        (json!({"ib_session": 1}), "config.ib_session"),
        (json!({"paths": {"agents": "x"}}), "config.paths.agents"),
    ] {
        let refused = world.admin().send("PUT", &path, given).await;
        assert_eq!((refused.status, refusal(&refused).1.as_str()), (422, field));
    }
    let agents = json!({"paths": {"agents": "/v2/people"}});
    world.admin().send("PUT", &path, agents).await;
    zup.rename("agents", "v2/people");
    let list = get(&world, "agents/2026-06-01/2026-06-30").await;
    assert_eq!(list["total_count"], 2);
}

#[tokio::test]
async fn a_test_asks_the_vendor_s_own_service() {
    let (world, zup) = beside_1c().await;
    let test = async || post(&world, "test-connection", Value::Null).await.json;
    let well = test().await;
    assert_eq!(
        (&well["success"], &well["test_results"]["status_code"]),
        (&json!(true), &json!(200))
    );
    assert_eq!(zup.calls("agents"), 1);
    let stopped = zup.stop().await;
    let down = test().await;
    assert_eq!(
        (&down["success"], &down["test_results"]["status_code"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(get(&world, "status").await["status"], "error");
    let zup = stopped.start().await.expect("a 1C");
    assert_eq!(test().await["success"], true);
    // Another system that answers there is none.
    let nothing = simulators::Fault::Answer(reqwest::StatusCode::OK, "{}".to_owned());
    zup.faults.plan("GET", "2026-06-01", 1, nothing);
    assert_eq!(test().await["test_results"]["status_code"], 404);
    zup.rename("agents", "elsewhere");
    let missing = test().await;
    let results = &missing["test_results"];
    assert_eq!(results["message"], "Connection failed with status 404");
}
