//! What is refused, and what a source can do wrong: nothing is published of it.

use serde_json::json;
use simulators::Fault;
use simulators::onec::{Agent, Mishap, agent_id, department_id};
use tests::support::World;

use super::{SYNC, beside_1c, connect, everybody, start, synced, wanted};
use crate::flows::integrations::CONNECTIONS;

#[tokio::test]
async fn wrong_input_names_its_field() {
    let (world, _zup) = beside_1c(1, json!({})).await;
    for (change, field) in [
        (json!({ "start_date": "2026-13-01" }), "start_date"),
        (json!({ "end_date": "2026-05-31" }), "end_date"),
        (json!({ "end_date": "" }), "end_date"),
        (json!({ "full_sync": "yes" }), "full_sync"),
        (json!({ "departments": [""] }), "departments"),
        (json!({ "departments": vec!["d"; 101] }), "departments"),
        (json!({ "odd": 1 }), "odd"),
    ] {
        let mut body = wanted(true);
        for (name, value) in change.as_object().expect("members") {
            body[name] = value.clone();
        }
        let refused = world.admin().send("POST", SYNC, body).await;
        assert_eq!(refused.status, 422, "{change}: {}", refused.text);
        assert!(refused.text.contains(field), "{change}: {}", refused.text);
    }
}

#[tokio::test]
async fn without_one_connection_in_use_nothing_starts() {
    let world = World::with(&[]).await;
    let refused = world.admin().send("POST", SYNC, wanted(true)).await;
    let told = "1C integration not configured or inactive";
    assert_eq!((refused.status, &refused.json["detail"]), (404, &json!(told)));
    let (world, zup) = beside_1c(2, json!({})).await;
    let second = connect(&world, &zup, json!({})).await;
    let refused = world.admin().send("POST", SYNC, wanted(true)).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let mut named = wanted(true);
    named["connection_id"] = json!(second);
    assert_eq!(world.admin().send("POST", SYNC, named).await.status, 200);
}

#[tokio::test]
async fn of_two_at_the_same_instant_one_starts() {
    let (world, _zup) = beside_1c(2, json!({})).await;
    let admin = world.admin();
    let (one, other) = tokio::join!(
        admin.send("POST", SYNC, wanted(true)),
        admin.send("POST", SYNC, wanted(true))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_source_that_is_down_is_tried_again_and_then_given_up() {
    let (world, zup) = beside_1c(20, json!({})).await;
    synced(&world, wanted(true)).await;
    zup.faults.plan("GET", "", 50, Fault::Cut);
    let path = start(&world, wanted(true)).await;
    world.workforce().await;
    let waiting = world.admin().get(&path).await.json;
    assert_eq!(waiting["status"], "started", "{waiting:#}");
    assert!(waiting["error"].is_string());
    for _ in 0..40 {
        world.wait(1200);
        world.workforce().await;
    }
    let failed = world.admin().get(&path).await.json;
    assert_eq!(failed["status"], "failed", "{failed:#}");
    assert_eq!(everybody(&world, "active").await.len(), 20);
    zup.faults.clear();
    world.wait(3600);
    assert_eq!(synced(&world, wanted(true)).await["status"], "completed");
}

#[tokio::test]
async fn nobody_and_half_an_answer_are_no_personnel() {
    let (world, zup) = beside_1c(20, json!({})).await;
    synced(&world, wanted(true)).await;
    zup.mishap("agents", 1, &Mishap::BreaksOff);
    let path = start(&world, wanted(true)).await;
    world.workforce().await;
    assert_eq!(world.admin().get(&path).await.json["status"], "started");
    world.wait(600);
    world.workforce().await;
    assert_eq!(world.admin().get(&path).await.json["status"], "completed");
    for number in 0..20 {
        zup.forget(&agent_id(number));
    }
    let nobody = synced(&world, wanted(true)).await;
    assert_eq!(nobody["status"], "failed", "{nobody:#}");
    assert_eq!(nobody["error"], "1C tells of nobody, so nothing was taken");
    assert_eq!(everybody(&world, "active").await.len(), 20);
}

#[tokio::test]
async fn whoever_cannot_be_read_stays_as_they_are_and_is_told() {
    let (world, zup) = beside_1c(20, json!({})).await;
    synced(&world, wanted(true)).await;
    let nameless =
        Agent { last_name: String::new(), ..Agent::new(&agent_id(3), &department_id(1)) };
    zup.agent(nameless);
    let second = synced(&world, wanted(true)).await;
    assert_eq!((&second["status"], &second["records_failed"]), (&json!("completed"), &json!(1)));
    assert_eq!(second["errors"][0]["agent_id"], agent_id(3));
    assert!(second["errors"][0]["reason"].as_str().is_some_and(|it| it.contains("lastname")));
    assert_eq!(everybody(&world, "active").await.len(), 20);
    let id = second["connection_id"].as_str().expect("an id");
    let logs = format!("/integrations/connections/{id}/sync-logs?sync_type=personnel");
    let log = &world.admin().get(&logs).await.json["sync_logs"][0];
    assert_eq!((&log["status"], &log["records_failed"]), (&json!("failed"), &json!(1)));
}

/// What cannot be obeyed is refused when it is said, and not when it is needed.
#[tokio::test]
async fn wrong_settings_name_their_member() {
    let world = World::with(&[]).await;
    for (of, config, field) in [
        ("1c", json!({ "vanish_limit_percent": 101 }), "config.vanish_limit_percent"),
        ("1c", json!({ "vanish_limit_percent": "10" }), "config.vanish_limit_percent"),
        ("1c", json!({ "scheduled": "yes" }), "config.scheduled"),
        ("1c", json!({ "time_zone": "Moscow" }), "config.time_zone"),
        ("contact_center", json!({ "time_zone": "Moscow" }), "config.time_zone"),
    ] {
        let new = json!({ "name": "object", "integration_type": of,
            "endpoint_url": "https://example.com", "authentication_type": "none",
            "config": config });
        let refused = world.admin().send("POST", CONNECTIONS, new).await;
        let named = (refused.status, &refused.json["errors"][0]["field"]);
        assert_eq!(named, (422, &json!(field)), "{config}: {}", refused.text);
    }
}
