//! Connections that are paused or removed while they are pulled, and those of others.

use serde_json::{Value, json};

use super::{PULL, beside, days, is_kept, kept, logs, pulled, start, state, tick, worked};
use crate::flows::integrations::CONNECTIONS;

const PERIOD: (&str, &str) = ("2026-05-26T00:00:00Z", "2026-06-02T00:00:00Z");

/// Works through a pull during which the connection is called so.
async fn during(method: &str, body: Value) {
    let (world, centre, id) = beside(json!({})).await;
    days(&centre);
    let (is_there, go_on) = centre.faults.plan_held(
        "GET",
        "/historic/agentCallsData",
        simulators::Fault::Delay(std::time::Duration::ZERO),
    );
    start(&world, json!({})).await;
    let path = format!("{CONNECTIONS}/{id}");
    let change = async {
        is_there.await.expect("a call");
        let changed = world.admin().send(method, &path, body).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let _ = go_on.send(());
    };
    tokio::join!(world.workforce(), change);
    let path = format!("{PULL}?connection_id={id}");
    let told = world.admin().get(&path).await.json;
    assert_eq!((&told["running"], &told["last"]["status"]), (&Value::Null, &json!("failed")));
    let log = logs(&world, &id).await.remove(0);
    assert_eq!(
        (&log["status"], &log["error_details"]),
        (&json!("failed"), &json!("the connection is not in use any more"))
    );
    assert_eq!(centre.calls("/historic/agentChatsWorkTime"), 0);
    assert_eq!(start(&world, json!({})).await.status, 404);
    // Nothing of what was kept is lost, and the rest comes with the next one.
    let active = json!({ "status": "active" });
    world.admin().send("PUT", &format!("{CONNECTIONS}/{id}"), active).await;
    assert_eq!(pulled(&world, json!({})).await["status"], "completed");
    is_kept(&world, &centre, PERIOD).await;
}

#[tokio::test]
async fn a_connection_that_is_paused_is_asked_no_more() {
    during("PUT", json!({ "status": "inactive" })).await;
}

#[tokio::test]
async fn a_connection_that_is_removed_is_asked_no_more() {
    during("DELETE", Value::Null).await;
}

#[tokio::test]
async fn each_tenant_has_what_its_own_contact_centre_tells() {
    let (world, centre, _) = beside(json!({ "scheduled": true })).await;
    days(&centre);
    let made =
        world.admin().send("POST", "/api/v1/tenants", json!({"id": "acme", "name": "acme"})).await;
    let key = made.json["admin_key"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
    let acme = world.bearer(&key);
    let other = simulators::contact_center::ContactCenter::start().await.expect("a centre");
    other.people(2, 3);
    other.contacts([simulators::contact_center::Contact::missed(
        "1",
        "x",
        super::at("2026-06-01T10:00:00Z"),
    )
    .taken("1", 1000)]);
    let new = json!({"name": "Argus", "integration_type": "contact_center",
        "endpoint_url": other.url(), "authentication_type": "none",
        "config": {"scheduled": true, "retry_attempts": 0}});
    let id = acme.send("POST", CONNECTIONS, new).await.json["id"].clone();
    let id = id.as_str().expect("an id").to_owned();
    acme.send("PUT", &format!("{CONNECTIONS}/{id}"), json!({"status": "active"})).await;
    assert_eq!(acme.get(PULL).await.json["last"], Value::Null);
    tick(&world).await;
    worked(&world).await;
    is_kept(&world, &centre, PERIOD).await;
    let path = "/integrations/cc/historic/agentCallsData?start_date=2026-05-26&end_date=2026-06-02";
    let calls = acme.get(path).await.json;
    assert_eq!(calls["total_count"], 1, "{calls:#}");
    let theirs = acme.get(PULL).await.json;
    assert_eq!(
        (&theirs["last"]["status"], &theirs["connection_id"]),
        (&json!("completed"), &json!(id))
    );
    let ours = state(&world).await;
    assert_ne!(ours["last"]["sync_id"], theirs["last"]["sync_id"]);
    for method in ["GET", "POST"] {
        let foreign = format!("{PULL}?connection_id={id}");
        assert_eq!(world.admin().send(method, &foreign, Value::Null).await.status, 404);
    }
    assert_eq!(kept(&world, super::METHODS[3], PERIOD).await.len(), 81);
}
