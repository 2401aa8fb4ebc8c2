//! Retention: at night, what may be about people is taken out of runs that are old enough,
//! whatever became of them; and it can be looked at before, and done at once.

use serde_json::{Value, json};
use tests::support::World;

use super::definition;

const DAY: u64 = 24 * 3600;
const STATS: &str = "/api/v1/admin/cleanup/stats";

async fn post(world: &World, path: &str, body: Value) -> Value {
    let answer = world.admin().send("POST", path, body).await;
    assert!(answer.status < 300, "{path}: {}", answer.text);
    answer.json
}

async fn is_neutral(world: &World, run: &Value) -> bool {
    let found = world.admin().get(&format!("/api/v1/runs/{}", run["id"])).await.json;
    assert_eq!(found["is_neutralized"] == true, !found.to_string().contains("Anna"), "{found}");
    found["is_neutralized"] == true
}

async fn start(world: &World, process: &Value) -> Value {
    let body = json!({ "process_id": process["id"], "entity_id": "Anna-1",
        "entity_name": "Anna Öst", "meta": { "who": "Anna" } });
    post(world, "/api/v1/runs", body).await
}

async fn found_by(world: &World, query: &str) -> usize {
    let found = world.admin().get(&format!("/api/v1/runs?{query}")).await;
    found.json.as_array().unwrap_or_else(|| panic!("{}", found.text)).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_runs_are_neutralised_at_night() {
    let world = World::with(&[]).await;
    let kept = post(&world, "/api/v1/processes", definition("Kept", &["A"])).await;
    let process = post(&world, "/api/v1/processes", definition("Short", &["A"])).await;
    let (old, deleted, other) =
        (start(&world, &process).await, start(&world, &process).await, start(&world, &kept).await);
    let own = format!("/api/v1/runs/{}", deleted["id"]);
    assert_eq!(world.admin().send("DELETE", &own, Value::Null).await.status, 204);
    let retention = format!("/api/v1/processes/{}/retention", process["id"]);
    let months = json!({ "retention_months": 2 });
    assert_eq!(world.admin().send("PUT", &retention, months).await.status, 200);
    world.run().await;
    world.wait(59 * DAY);
    let young = start(&world, &process).await;
    world.run().await;
    assert!(!is_neutral(&world, &old).await);
    world.wait(2 * DAY);
    let stats = world.admin().get(STATS).await.json;
    assert_eq!((&stats["due_runs"], &stats["more"]), (&json!(2), &json!(false)), "{stats:#}");
    assert_eq!(stats["processes"].as_array().map(Vec::len), Some(1));
    world.run().await;
    assert!(is_neutral(&world, &old).await);
    assert!(!is_neutral(&world, &young).await && !is_neutral(&world, &other).await);
    // Nothing of the deleted one is left either.
    let restored = post(&world, &format!("{own}/restore"), Value::Null).await;
    assert_eq!(restored["is_neutralized"], true);
    let stats = world.admin().get(STATS).await.json;
    assert_eq!(
        (&stats["due_runs"], &stats["processes"][0]["neutralized_runs"]),
        (&json!(0), &json!(2))
    );
    for query in ["entity_name=anna", "meta_filter=who:Anna", "entity_id=Anna-1"] {
        assert_eq!(found_by(&world, query).await, 2, "{query}");
    }
    let trail = world.admin().get("/api/v1/audit-logs?action=run.neutralize").await.json;
    assert!(!trail.to_string().contains("Anna") && trail.to_string().contains("run:"), "{trail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_looked_at_and_done_at_once() {
    let world = World::with(&[]).await;
    let process = post(&world, "/api/v1/processes", definition("Short", &["A"])).await;
    let mut runs = Vec::new();
    for _ in 0..60 {
        runs.push(start(&world, &process).await);
    }
    let begin = async |dry_run: bool| {
        let body = json!({ "process_id": process["id"], "dry_run": dry_run });
        world.admin().send("POST", "/api/v1/admin/cleanup/neutralize", body).await
    };
    assert_eq!(begin(false).await.status, 409);
    let retention = format!("/api/v1/processes/{}/retention", process["id"]);
    world.admin().send("PUT", &retention, json!({ "retention_months": 1 })).await;
    world.run().await;
    world.wait(31 * DAY - 14 * 3600);
    assert_eq!(begin(true).await.json["due_runs"], 60);
    assert!(!is_neutral(&world, &runs[0]).await);
    assert_eq!(begin(false).await.json["due_runs"], 60);
    world.run().await;
    for run in &runs {
        assert!(is_neutral(&world, run).await);
    }
    // Without retention nothing is taken out of anything.
    world.admin().send("PUT", &retention, json!({ "retention_months": null })).await;
    let run = start(&world, &process).await;
    world.wait(400 * DAY);
    world.run().await;
    assert!(!is_neutral(&world, &run).await);
}
