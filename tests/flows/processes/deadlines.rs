//! Deadlines are told of once, whoever was alive when they passed.

use serde_json::{Value, json};
use simulators::receiver::Receiver;
use tests::support::World;

use super::failures::step_run;

/// A run that may take a minute, of a step that may take ten seconds.
async fn run(world: &World) -> Value {
    let step = json!({ "name": "Extract", "deadline_seconds": 10 });
    let new = json!({ "name": "P", "deadline_seconds": 60, "steps": [step] });
    let process = world.admin().send("POST", "/api/v1/processes", new).await;
    let new = json!({ "process_id": process.json["id"], "entity_id": "CUST-1" });
    let run = world.admin().send("POST", "/api/v1/runs", new).await;
    assert_eq!(run.status, 201, "{}", run.text);
    run.json
}

async fn say(world: &World, step: i64, status: &str) {
    let path = format!("/api/v1/step-runs/{step}");
    let answer = world.admin().send("PATCH", &path, json!({ "status": status })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn listening(world: &World) -> Receiver {
    let receiver = Receiver::start().await.expect("a receiver");
    let new = json!({
        "name": "late", "url": receiver.url(), "event_types": ["process.deadline.missed"],
    });
    let made = world.admin().send("POST", "/integrations/webhooks", new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    receiver
}

/// The step runs that were told to be late, in order; null for a run itself.
async fn told(world: &World, receiver: &Receiver) -> Vec<Value> {
    world.deliver().await;
    receiver.taken().iter().map(|call| call.json()["payload"]["step_run_id"].clone()).collect()
}

#[tokio::test]
async fn a_deadline_is_told_of_once_though_swept_many_times() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let run = run(&world).await;
    assert_eq!(run["deadline"], "2026-06-01T12:01:00.000Z");
    let step = run["steps"][0]["id"].as_i64().expect("a number");
    say(&world, step, "running").await;
    world.wait(9);
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(null); 0]);
    world.wait(1);
    world.run().await;
    assert_eq!(step_run(&world, step).await["late_at"], "2026-06-01T12:00:10.000Z");
    // Nobody is alive for a day.
    world.wait(24 * 3600);
    for _ in 0..3 {
        world.run().await;
        world.wait(60);
    }
    let path = format!("/api/v1/runs/{}", run["id"]);
    let late = world.admin().get(&path).await.json;
    assert_eq!(late["late_at"], "2026-06-02T12:00:10.000Z");
    assert_eq!(told(&world, &receiver).await, [json!(step), json!(null)]);
}

#[tokio::test]
async fn what_ended_in_time_is_not_late_however_late_somebody_looks() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let run = run(&world).await;
    let step = run["steps"][0]["id"].as_i64().expect("a number");
    say(&world, step, "running").await;
    world.wait(10);
    say(&world, step, "success").await;
    world.wait(3600);
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(null); 0]);
    let path = format!("/api/v1/runs/{}", run["id"]);
    assert_eq!(world.admin().get(&path).await.json["late_at"], json!(null));
}

#[tokio::test]
async fn what_ended_late_is_late_though_it_ended_before_somebody_looked() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let step = run(&world).await["steps"][0]["id"].as_i64().expect("a number");
    say(&world, step, "running").await;
    world.wait(11);
    say(&world, step, "success").await;
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(step)]);
}

/// Each start of a step has a deadline of its own.
#[tokio::test]
async fn a_step_that_starts_again_has_its_time_again() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let step = run(&world).await["steps"][0]["id"].as_i64().expect("a number");
    say(&world, step, "running").await;
    world.wait(8);
    say(&world, step, "pending").await;
    say(&world, step, "running").await;
    world.wait(8);
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(null); 0], "of the start before");
    world.wait(2);
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(step)]);
}

/// One that was late before can be late again.
#[tokio::test]
async fn each_start_that_is_late_is_told_of() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let step = run(&world).await["steps"][0]["id"].as_i64().expect("a number");
    for _ in 0..2 {
        say(&world, step, "running").await;
        world.wait(11);
        world.run().await;
        say(&world, step, "pending").await;
    }
    assert_eq!(told(&world, &receiver).await, [json!(step), json!(step)]);
}

#[tokio::test]
async fn a_deleted_run_is_not_told_of() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let run = run(&world).await;
    let path = format!("/api/v1/runs/{}", run["id"]);
    assert_eq!(world.admin().send("DELETE", &path, Value::Null).await.status, 204);
    world.wait(3600);
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(null); 0]);
}

/// Nobody is told of a run that is deleted; what it missed then is told when it is restored.
#[tokio::test]
async fn what_was_missed_while_deleted_is_told_of_when_it_is_restored() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let run = run(&world).await;
    let step = run["steps"][0]["id"].as_i64().expect("a number");
    say(&world, step, "running").await;
    let path = format!("/api/v1/runs/{}", run["id"]);
    assert_eq!(world.admin().send("DELETE", &path, Value::Null).await.status, 204);
    world.wait(30);
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(null); 0]);
    world.admin().send("POST", &format!("{path}/restore"), Value::Null).await;
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(step)]);
    world.wait(30);
    world.run().await;
    assert_eq!(told(&world, &receiver).await, [json!(step), json!(null)]);
}
