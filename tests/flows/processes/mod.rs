//! The process dashboard: definitions, runs and their steps, what is told of them.

mod adapters;
mod bulk;
mod counts;
mod crashes;
mod deadlines;
mod definitions;
mod failures;
mod found;
mod pages;
mod reruns;
mod retention;
mod runs;
mod search;
mod told;
mod unresolved;

use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Answer, Caller, Installation, Target};

pub const PROCESSES: &str = "/api/v1/processes/";
pub const RUNS: &str = "/api/v1/runs/";

/// A process whose steps are called so; the second one may be run again.
pub fn definition(name: &str, steps: &[&str]) -> Value {
    let steps: Vec<_> = steps
        .iter()
        .zip(0..)
        .map(|(step, index)| json!({ "name": step, "is_rerunnable": index == 1 }))
        .collect();
    json!({ "name": name, "steps": steps })
}

/// The answer to a body that makes something.
pub async fn made(caller: &Caller, path: &str, body: &Value) -> Value {
    let made = caller.post_json(path, body).await;
    assert_eq!(made.status, 201, "{path}: {}", made.text);
    made.json
}

/// A run of this process.
pub async fn run_of(caller: &Caller, process: &Value) -> Value {
    let body = json!({ "process_id": process["id"], "entity_id": "CUST-1",
        "entity_name": "Acme Corporation", "meta": { "priority": "high" } });
    made(caller, RUNS, &body).await
}

/// Says how a step run is going.
pub async fn patch(caller: &Caller, path: &str, body: &Value) -> Answer {
    caller.send(caller.request(Method::PATCH, path).json(body)).await
}

/// The path of a run's step run.
pub fn step_path(run: &Value, at: usize) -> String {
    format!("/api/v1/step-runs/{}", run["steps"][at]["id"])
}

/// Every flow that needs nothing but a target.
pub async fn all(target: &Target) {
    definitions::examples(target).await;
    definitions::versions_and_templates(target).await;
    definitions::bad_input(target).await;
    definitions::deleted_and_restored(target).await;
    runs::from_start_to_end(target).await;
    runs::moments_of_steps(target).await;
    runs::statuses(target).await;
    runs::bad_input(target).await;
    runs::repeats_under_a_key(target).await;
    runs::deleted_and_restored(target).await;
    runs::metadata(target).await;
    runs::neutralised(target).await;
    reruns::from_end_to_end(target).await;
    runs::cancelled(target).await;
    runs::two_writers(target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_holds_on_the_local_process() {
    let installation = Installation::start().await;
    all(&installation.target).await;
    installation.app.stop().await;
}
