//! Runs whose steps failed.

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::table::Key;
use simulators::steps::Steps;
use tests::support::{Answer, World};

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

/// A world that may call its own machine, and a system that knows one step.
pub async fn beside(status: StatusCode, body: Value) -> (World, Steps, String) {
    let world = World::beside_its_targets(&[]).await;
    let steps = Steps::start().await.expect("a system");
    let url = steps.knows("extract", status, body);
    (world, steps, url)
}

/// Asks for a step to be run again.
pub async fn rerun(world: &World, step: i64, body: Value) -> Answer {
    world.admin().send("POST", &format!("/api/v1/step-runs/{step}/rerun"), body).await
}

/// Runs a step again, and answers the new step run once everything is done that is due.
pub async fn rerun_and_work(world: &World, step: i64) -> Value {
    let begun = rerun(world, step, Value::Null).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    world.run().await;
    step_run(world, begun.json["id"].as_i64().expect("a number")).await
}

/// All tries of a step.
pub async fn tries(world: &World, step: i64) -> Vec<Value> {
    let tries = world.admin().get(&format!("/api/v1/step-runs/{step}/reruns")).await;
    assert_eq!(tries.status, 200, "{}", tries.text);
    tries.json.as_array().expect("a list").clone()
}
