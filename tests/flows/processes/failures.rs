//! Runs whose steps failed.

use serde_json::{Value, json};
use shared::table::Key;
use tests::support::World;

/// A run with one step that is rerun as this configuration says, which failed: the number
/// of its step run.
pub async fn failed(world: &World, config: Value) -> i64 {
    let process = process(world, config).await;
    failed_of(world, process).await
}

/// A process with one step that is rerun as this configuration says.
pub async fn process(world: &World, config: Value) -> i64 {
    let step = json!({ "name": "Extract", "is_rerunnable": true, "rerun_config": config });
    let new = json!({ "name": "Customer Onboarding", "steps": [step] });
    let made = world.admin().send("POST", "/api/v1/processes", new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["id"].as_i64().expect("a number")
}

/// A run of this process, whose step failed: the number of its step run.
pub async fn failed_of(world: &World, process: i64) -> i64 {
    let new = json!({
        "process_id": process, "entity_id": "CUST-1", "entity_name": "Acme",
        "meta": { "priority": "high" },
    });
    let run = world.admin().send("POST", "/api/v1/runs", new).await;
    assert_eq!(run.status, 201, "{}", run.text);
    let step = run.json["steps"][0]["id"].as_i64().expect("a number");
    fail(world, step).await;
    step
}

/// Says that a step run failed.
pub async fn fail(world: &World, step: i64) {
    let said = json!({ "status": "failed", "failure": { "message": "no disk" } });
    let path = format!("/api/v1/step-runs/{step}");
    let answer = world.admin().send("PATCH", &path, said).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// A step run as it is now.
pub async fn step_run(world: &World, id: i64) -> Value {
    world.admin().get(&format!("/api/v1/step-runs/{id}")).await.json
}

/// The key of a row of the tenant `default` that stands alone.
pub fn row(kind: &str, id: i64) -> Key {
    Key::alone(format!("T#default#{kind}#{id}"))
}
