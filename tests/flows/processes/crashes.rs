//! Workers that die anywhere on their way: what they had begun is done, and done once.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use functions::processes;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::queue::Hint;
use tests::support::World;

use super::failures::{beside, failed, failed_of, process, rerun, row, step_run, tries};

/// How often a worker goes on before it dies.
const DEATHS: [usize; 10] = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55];

/// Polls a future, and drops it when it has waited so often.
async fn until_death<F: Future>(future: F, waits: usize) {
    let (mut future, mut waited) = (pin!(future), 0);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Pending if waited < waits => {
            waited += 1;
            Poll::Pending
        }
        _ => Poll::Ready(()),
    })
    .await;
}

/// Works through these hints with a worker that dies at one of them.
async fn die(world: &World, hint: Hint, waits: usize) {
    let worker = processes::worker(&world.env).expect("a worker");
    until_death(processes::deliver(&worker, hint), waits).await;
    // Its lease goes on for a while.
    world.run().await;
    world.wait(600);
    world.run().await;
}

#[tokio::test]
async fn a_rerun_happens_once_wherever_its_worker_dies() {
    let (world, steps, url) = beside(StatusCode::OK, json!({ "status": "success" })).await;
    let process = process(&world, json!({ "api_endpoint": url })).await;
    for (before, waits) in DEATHS.into_iter().enumerate() {
        let step = failed_of(&world, process).await;
        let id = rerun(&world, step, Value::Null).await.json["id"].as_i64().expect("a number");
        world.runs.take();
        die(&world, Hint::at(row("RERUN", id)), waits).await;
        assert_eq!(step_run(&world, id).await["status"], "success", "after {waits}");
        assert_eq!(steps.done().len(), before + 1, "after {waits}");
    }
}

#[tokio::test]
async fn a_bulk_rerun_runs_each_failure_again_once_wherever_its_worker_dies() {
    for waits in DEATHS {
        let world = World::with(&[]).await;
        let first = failed(&world, json!({})).await;
        let second = failed(&world, json!({})).await;
        let third = failed(&world, json!({})).await;
        let body = json!({ "reason": "r", "pace": 50 });
        let begun = world.admin().send("POST", "/api/v1/reruns", body).await;
        let worker = processes::worker(&world.env).expect("a worker");
        for hint in world.runs.take() {
            processes::deliver(&worker, hint).await.expect("found");
        }
        let hint = world.runs.take().pop().expect("a step that drives");
        die(&world, hint, waits).await;
        let path = format!("/api/v1/reruns/{}", begun.json["id"].as_str().expect("an id"));
        let bulk = world.admin().get(&path).await.json;
        let counts = (&bulk["status"], &bulk["rerun"], &bulk["passed_over"]);
        assert_eq!(counts, (&json!("completed"), &json!(3), &json!(0)), "after {waits}: {bulk:#}");
        for step in [first, second, third] {
            assert_eq!(tries(&world, step).await.len(), 2, "after {waits}");
        }
    }
}
