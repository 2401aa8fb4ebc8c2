//! Workers that die anywhere on their way: what they had begun is done, and done once.

use std::sync::Arc;

use functions::processes;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::env::Env;
use simulators::steps::Steps;
use tests::support::{Faults, Nowhere, World, faulty};
use tokio::task::JoinSet;

use super::failures::{failed, rerun, step_run, tries};

/// Calls of the database that a worker makes before it dies, at most: more than it makes
/// for what it is given here.
const LONGEST_LIFE: usize = 20;
const LONGEST_LIFE_OF_MANY: usize = 40;

/// Works through what is due with a worker that dies after so many calls of the database,
/// and with another one when its lease is over.
async fn die(world: &World, calls: usize) {
    let env = Env::new(world.vars(), faulty(&world.database, &Faults::death_after(calls)));
    let env = env.with_clock(world.clock.clone()).with_vault(world.vault());
    let env = env.with_queue("RUNS_QUEUE_URL", world.runs.clone()).with_private_targets();
    let dying = processes::worker(&env.with_other_queues(Arc::new(Nowhere))).expect("a worker");
    loop {
        let hints = world.runs.take();
        if hints.is_empty() {
            break;
        }
        for hint in hints {
            // Nobody learns how it ends.
            let _ = dying.deliver(hint).await;
        }
    }
    world.wait(600);
    world.run().await;
}

async fn rerun_with_a_death(calls: usize) {
    let world = World::beside_its_targets(&[]).await;
    let steps = Steps::start().await.expect("a system");
    let url = steps.knows("extract", StatusCode::OK, json!({ "status": "success" }));
    let step = failed(&world, json!({ "api_endpoint": url, "max_retries": 1 })).await;
    let id = rerun(&world, step, Value::Null).await.json["id"].as_i64().expect("a number");
    die(&world, calls).await;
    assert_eq!(step_run(&world, id).await["status"], "success", "after {calls}");
    assert_eq!(steps.done().len(), 1, "after {calls}: done once");
    assert_eq!(tries(&world, id).await[1]["outcome"], "success", "after {calls}");
    let path = "/api/v1/audit-logs?action=step-run.rerun-result";
    let trail = world.admin().get(path).await;
    assert_eq!(trail.text.matches("step-run.rerun-result").count(), 1, "after {calls}");
}

#[tokio::test]
async fn a_rerun_has_one_effect_wherever_its_worker_dies() {
    let mut deaths: JoinSet<()> = (0..LONGEST_LIFE).map(rerun_with_a_death).collect();
    while let Some(death) = deaths.join_next().await {
        death.expect("one effect");
    }
}

async fn bulk_with_a_death(calls: usize) {
    let world = World::with(&[]).await;
    let mut failures = Vec::new();
    for _ in 0..3 {
        failures.push(failed(&world, json!({})).await);
    }
    let body = json!({ "reason": "r", "pace": 50 });
    let begun = world.admin().send("POST", "/api/v1/reruns", body).await;
    die(&world, calls).await;
    let path = format!("/api/v1/reruns/{}", begun.json["id"].as_str().expect("an id"));
    let bulk = world.admin().get(&path).await.json;
    let counts = (&bulk["status"], &bulk["found"], &bulk["rerun"], &bulk["passed_over"]);
    let expected = (&json!("completed"), &json!(3), &json!(3), &json!(0));
    assert_eq!(counts, expected, "after {calls}: {bulk:#}");
    for step in failures {
        assert_eq!(tries(&world, step).await.len(), 2, "after {calls}");
    }
}

#[tokio::test]
async fn a_bulk_rerun_runs_each_failure_again_once_wherever_its_worker_dies() {
    let mut deaths: JoinSet<()> =
        (0..LONGEST_LIFE_OF_MANY).step_by(2).map(bulk_with_a_death).collect();
    while let Some(death) = deaths.join_next().await {
        death.expect("each once");
    }
}
