//! Many failures are run again at once: counted first, oldest first at a pace, watched,
//! paused and ended by people, and each of them once.

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulators::steps::Steps;
use tests::support::{Answer, World};

use super::failures::{failed, failed_of, process, step_run};

async fn start(world: &World, body: Value) -> Answer {
    world.admin().send("POST", "/api/v1/reruns", body).await
}

async fn started(world: &World, body: Value) -> String {
    let made = start(world, body).await;
    assert_eq!(made.status, 202, "{}", made.text);
    made.json["id"].as_str().expect("an id").to_owned()
}

async fn bulk(world: &World, id: &str) -> Value {
    world.admin().get(&format!("/api/v1/reruns/{id}")).await.json
}

async fn ask(world: &World, id: &str, what: &str) -> Answer {
    world.admin().send("POST", &format!("/api/v1/reruns/{id}/{what}"), Value::Null).await
}

async fn items(world: &World, id: &str) -> Vec<Value> {
    let items = world.admin().get(&format!("/api/v1/reruns/{id}/items")).await;
    assert_eq!(items.status, 200, "{}", items.text);
    items.json.as_array().expect("a list").clone()
}

fn counts(bulk: &Value) -> (&str, [i64; 3]) {
    let count = |name: &str| bulk[name].as_i64().expect("a number");
    let status = bulk["status"].as_str().expect("a status");
    (status, [count("found"), count("rerun"), count("passed_over")])
}

#[tokio::test]
async fn failures_are_run_again_oldest_first_and_each_one_s_outcome_is_told() {
    let world = World::beside_its_targets(&[]).await;
    let steps = Steps::start().await.expect("a system");
    let url = steps.knows("extract", StatusCode::OK, Value::Null);
    let process = process(&world, json!({ "api_endpoint": url })).await;
    let mut failures = Vec::new();
    for _ in 0..5 {
        failures.push(failed_of(&world, process).await);
    }
    let other = failed(&world, json!({})).await;
    let query = json!({ "process_id": process, "failure_contains": "NO DISK", "dry_run": true });
    let count = start(&world, query).await;
    assert_eq!(count.json, json!({ "dry_run": true, "matched": 5, "more": false }));
    let none = json!({ "process_id": process, "failure_contains": "disc", "dry_run": true });
    assert_eq!(start(&world, none).await.json["matched"], 0);

    let query = json!({ "process_id": process, "reason": "the disk is back", "pace": 2 });
    let id = started(&world, query).await;
    world.run().await;
    assert_eq!(counts(&bulk(&world, &id).await), ("running", [5, 2, 0]));
    for _ in 0..2 {
        world.wait(1);
        world.run().await;
    }
    assert_eq!(counts(&bulk(&world, &id).await), ("completed", [5, 5, 0]));
    let done: Vec<_> =
        steps.done().iter().map(|told| told["original_step_run_id"].clone()).collect();
    assert_eq!(json!(done), json!(failures), "oldest first");
    assert_eq!(steps.done()[0]["meta"], json!({ "rerun_reason": "the disk is back" }));
    let items = items(&world, &id).await;
    assert_eq!(items.len(), 5);
    for (item, failure) in items.iter().zip(&failures) {
        assert_eq!(item["step_run_id"], *failure);
        assert_eq!((&item["result"], &item["rerun_outcome"]), (&json!("rerun"), &json!("success")));
        assert_eq!(item["rerun_status"], "success");
    }
    assert_eq!(step_run(&world, other).await["superseded_by"], Value::Null);
    let list = world.admin().get("/api/v1/reruns").await.json;
    assert_eq!(list[0]["id"], id);
    let left = world.admin().get("/api/v1/step-runs/unresolved").await.json;
    assert_eq!(left["total"], 1);
}

#[tokio::test]
async fn what_has_changed_or_is_not_to_be_run_again_is_passed_over_with_why() {
    let world = World::with(&[]).await;
    let process = process(&world, json!({ "max_retries": 1 })).await;
    let (used, by_hand, mended, gone, meant) = (
        failed_of(&world, process).await,
        failed_of(&world, process).await,
        failed_of(&world, process).await,
        failed_of(&world, process).await,
        failed_of(&world, process).await,
    );
    let rerun = |step: i64| format!("/api/v1/step-runs/{step}/rerun");
    let again = world.admin().send("POST", &rerun(used), Value::Null).await;
    let used = again.json["id"].as_i64().expect("a number");
    super::failures::fail(&world, used).await;

    let id = started(&world, json!({ "process_id": process, "reason": "r", "pace": 50 })).await;
    // All is found, and nothing driven yet.
    let worker = functions::processes::worker(&world.env).expect("a worker");
    for hint in world.runs.take() {
        worker.deliver(hint).await.expect("found");
    }
    assert_eq!(counts(&bulk(&world, &id).await), ("running", [5, 0, 0]));
    assert!(items(&world, &id).await.iter().all(|item| item["result"] == "waiting"));
    world.admin().send("POST", &rerun(by_hand), Value::Null).await;
    let path = format!("/api/v1/step-runs/{mended}");
    world.admin().send("PATCH", &path, json!({ "status": "success" })).await;
    let path = format!("/api/v1/runs/{}", gone / 1000);
    world.admin().send("DELETE", &path, Value::Null).await;
    world.run().await;
    assert_eq!(counts(&bulk(&world, &id).await), ("completed", [5, 1, 4]));
    for item in items(&world, &id).await {
        let step = item["step_run_id"].as_i64().expect("a number");
        let reason = item["reason"].as_str().unwrap_or_default();
        let expected = [
            (used, "Maximum reruns (1) exceeded for this step"),
            (by_hand, "It was rerun meanwhile"),
            (mended, "It has changed meanwhile"),
            (gone, "Process step run not found"),
            (meant, ""),
        ];
        let told = expected.iter().find(|(of, _)| *of == step).map(|(_, told)| *told);
        assert_eq!(told, Some(reason), "{item:#}");
        let result = if step == meant { "rerun" } else { "passed_over" };
        assert_eq!(item["result"], result, "{item:#}");
    }
}

#[tokio::test]
async fn people_pause_it_have_it_go_on_and_end_it_half_way() {
    let world = World::with(&[]).await;
    let process = process(&world, json!({})).await;
    for _ in 0..6 {
        failed_of(&world, process).await;
    }
    let id = started(&world, json!({ "reason": "r", "pace": 2 })).await;
    world.run().await;
    assert_eq!(ask(&world, &id, "pause").await.json["status"], "paused");
    for _ in 0..3 {
        world.wait(60);
        world.run().await;
    }
    assert_eq!(counts(&bulk(&world, &id).await), ("paused", [6, 2, 0]));
    assert_eq!(ask(&world, &id, "resume").await.json["status"], "running");
    world.run().await;
    assert_eq!(counts(&bulk(&world, &id).await), ("running", [6, 4, 0]));
    assert_eq!(ask(&world, &id, "cancel").await.status, 200);
    world.wait(60);
    world.run().await;
    let ended = bulk(&world, &id).await;
    assert_eq!(counts(&ended), ("cancelled", [6, 4, 0]));
    assert!(ended["ended_at"].is_string());
    let results: Vec<_> = items(&world, &id).await.iter().map(|i| i["result"].clone()).collect();
    let expected = ["rerun", "rerun", "rerun", "rerun", "not_reached", "not_reached"];
    assert_eq!(json!(results), json!(expected));
    for what in ["pause", "resume", "cancel"] {
        assert_eq!(ask(&world, &id, what).await.status, 409, "{what}");
    }
    let left = world.admin().get("/api/v1/step-runs/unresolved").await.json;
    assert_eq!(left["total"], 2);
}

/// More failures than are looked at together.
#[tokio::test]
async fn many_failures_are_found_in_steps_and_each_is_run_again_once() {
    let world = World::with(&[]).await;
    let process = process(&world, json!({})).await;
    for _ in 0..130 {
        failed_of(&world, process).await;
    }
    assert_eq!(start(&world, json!({ "dry_run": true })).await.json["matched"], 130);
    let id = started(&world, json!({ "reason": "r", "pace": 50 })).await;
    for _ in 0..5 {
        world.run().await;
        world.wait(1);
    }
    assert_eq!(counts(&bulk(&world, &id).await), ("completed", [130, 130, 0]));
    let first = items(&world, &id).await;
    let next = world.admin().get(&format!("/api/v1/reruns/{id}/items?cursor=1")).await;
    let second = next.json.as_array().expect("a list").len();
    assert_eq!(first.len() + second, 130);
    assert_eq!(first[0]["step_run_id"], 1001, "oldest first");
    let left = world.admin().get("/api/v1/step-runs/unresolved").await.json;
    assert_eq!(left["total"], 0);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let world = World::with(&[]).await;
    for (body, field) in [
        (json!({}), "reason"),
        (json!({ "reason": " " }), "reason"),
        (json!({ "reason": "x".repeat(501) }), "reason"),
        (json!({ "reason": "r", "pace": 0 }), "pace"),
        (json!({ "reason": "r", "pace": 51 }), "pace"),
        (json!({ "reason": "r", "since": "soon" }), "since"),
        (json!({ "reason": "r", "process": 1 }), "process"),
        (json!({ "reason": "r", "failure_contains": "x".repeat(256) }), "failure_contains"),
    ] {
        let refused = start(&world, body.clone()).await;
        assert_eq!(
            (refused.status, &refused.json["errors"][0]["field"]),
            (422, &json!(field)),
            "{body}"
        );
    }
    for id in ["none", &"x".repeat(65)] {
        assert_eq!(world.admin().get(&format!("/api/v1/reruns/{id}")).await.status, 404);
        assert_eq!(ask(&world, id, "cancel").await.status, 404);
    }
}
