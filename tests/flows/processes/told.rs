//! What others are told of processes and runs: every change, once, with the change.

use serde_json::{Value, json};
use tests::support::World;

use super::definition;

async fn send(world: &World, method: &str, path: &str, body: Value) -> Value {
    let answer = world.admin().send(method, path, body).await;
    assert!(answer.status < 300, "{path}: {}", answer.text);
    answer.json
}

/// The types of all messages that a webhook was to be told, oldest first.
async fn told(world: &World, webhook: &Value) -> Vec<String> {
    let path = format!(
        "/integrations/webhooks/{}/deliveries?limit=100",
        webhook["id"].as_str().expect("an id")
    );
    let list = world.admin().get(&path).await.json;
    let types = list.as_array().expect("a list").iter().rev();
    types.map(|one| one["event_type"].as_str().expect("a type").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_told_once() {
    let world = World::beside_its_targets(&[]).await;
    let hook =
        json!({ "name": "hook", "url": "http://127.0.0.1:9/", "event_types": ["process.*"] });
    let hook = send(&world, "POST", "/integrations/webhooks", hook).await;
    let process = send(&world, "POST", "/api/v1/processes", definition("Told", &["A", "B"])).await;
    let own = format!("/api/v1/processes/{}", process["id"]);
    send(&world, "PATCH", &own, json!({ "name": "Renamed" })).await;
    let body = json!({ "process_id": process["id"], "entity_id": "E", "meta": { "a": 1 } });
    let run = send(&world, "POST", "/api/v1/runs", body).await;
    let step = |at: usize| format!("/api/v1/step-runs/{}", run["steps"][at]["id"]);
    send(&world, "PATCH", &step(0), json!({ "status": "success" })).await;
    send(&world, "PATCH", &step(1), json!({ "status": "failed" })).await;
    // The run has failed and stays so.
    send(&world, "PATCH", &step(1), json!({ "meta": { "seen": true } })).await;
    // What changes nothing is told to nobody.
    send(&world, "PATCH", &step(1), json!({ "meta": { "seen": true } })).await;
    let again = send(&world, "POST", &format!("{}/rerun", step(1)), Value::Null).await;
    let own_run = format!("/api/v1/runs/{}", run["id"]);
    send(&world, "PATCH", &format!("{own_run}/metadata"), json!({ "meta": { "a": 2 } })).await;
    let rerun = format!("/api/v1/step-runs/{}", again["id"]);
    send(&world, "PATCH", &rerun, json!({ "status": "success" })).await;
    send(&world, "DELETE", &own_run, Value::Null).await;
    send(&world, "DELETE", &own, Value::Null).await;
    assert_eq!(
        told(&world, &hook).await,
        [
            "process.created",
            "process.updated",
            "process.run.created",
            "process.step.updated",
            "process.run.status_changed",
            "process.step.updated",
            "process.run.status_changed",
            "process.step.updated",
            "process.step.rerun",
            "process.run.status_changed",
            "process.run.updated",
            "process.step.updated",
            "process.run.status_changed",
            "process.run.updated",
            "process.deleted",
        ]
    );
}

/// As many steps and listeners as there can be fit into what DynamoDB writes at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_process_can_be_made_before_the_most_listeners() {
    let world = World::beside_its_targets(&[]).await;
    for number in 0..20 {
        let hook = json!({ "name": format!("hook {number}"), "url": "http://127.0.0.1:9/",
            "event_types": ["process.*"], "ordered": true });
        send(&world, "POST", "/integrations/webhooks", hook).await;
    }
    let names: Vec<String> = (0..60).map(|number| format!("S{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut new = definition("Largest", &names);
    new["retention_months"] = json!(6);
    new["deadline_seconds"] = json!(60);
    let process = send(&world, "POST", "/api/v1/processes", new).await;
    let body = json!({ "process_id": process["id"], "entity_id": "E" });
    let run = send(&world, "POST", "/api/v1/runs", body).await;
    let step = format!("/api/v1/step-runs/{}", run["steps"][1]["id"]);
    for status in ["running", "failed"] {
        send(&world, "PATCH", &step, json!({ "status": status })).await;
    }
    send(&world, "POST", &format!("{step}/rerun"), Value::Null).await;
}
