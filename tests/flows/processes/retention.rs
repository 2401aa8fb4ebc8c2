//! Retention: at night, what may be about people is taken out of runs that are old enough,
//! whatever became of them; and it can be looked at before, and done at once.

use functions::processes::definitions::Processes;
use functions::processes::runs::{Run, RunStore, Start};
use serde_json::{Map, Value, json};
use shared::tenant::Tenant;
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
    let itself = format!("/api/v1/processes/{}", process["id"]);
    assert_eq!(world.admin().send("DELETE", &own, Value::Null).await.status, 204);
    let retention = format!("/api/v1/processes/{}/retention", process["id"]);
    let months = json!({ "retention_months": 2 });
    assert_eq!(world.admin().send("PUT", &retention, months).await.status, 200);
    world.run().await;
    world.wait(59 * DAY);
    let young = start(&world, &process).await;
    // Its runs stay when it goes, and do not stay longer.
    assert_eq!(world.admin().send("DELETE", &itself, Value::Null).await.status, 204);
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

/// What people are told of in the index and then never written holds nobody up.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_no_run_has_are_passed_over() {
    let world = World::with(&[]).await;
    let mut new = definition("Short", &["A"]);
    new["retention_months"] = json!(1);
    let process = post(&world, "/api/v1/processes", new).await;
    let (tenant, id) = (Tenant::parse("default").expect("a name"), process["id"].as_i64());
    let store = RunStore::load(&world.env).expect("a store");
    let processes = Processes::load(&world.env).expect("processes");
    let found = processes.find(&tenant, id.expect("a number")).await.expect("a process");
    for _ in 0..60 {
        let number = store.next_number(&tenant).await.expect("a number");
        let (entity_id, meta) = ("Anna-0".to_owned(), Map::new());
        let start =
            Start { process: &found, entity_id, entity_name: None, meta: &meta, deadline: None };
        let never = Run::new(&tenant, number, start, world.clock.now_ms());
        store.index.add(&tenant, &never).await.expect("indexed");
    }
    let run = start(&world, &process).await;
    world.run().await;
    world.wait(31 * DAY);
    world.run().await;
    assert_eq!(world.admin().get(STATS).await.json["due_runs"], 0);
    assert!(is_neutral(&world, &run).await);
}

/// Wherever something was said of somebody, it is gone, and nothing more is said.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_said_of_people_is_left() {
    let world = World::with(&[]).await;
    let process = post(&world, "/api/v1/processes", definition("P", &["A", "B"])).await;
    let body = json!({ "process_id": process["id"], "entity_id": "Anna-1",
        "meta": { "who": "Anna Old", "department": { "head": "Anna" }, "type": "leave" } });
    let run = post(&world, "/api/v1/runs", body).await;
    let own = format!("/api/v1/runs/{}", run["id"]);
    let step = format!("/api/v1/step-runs/{}", run["steps"][1]["id"]);
    let patch = async |path: &str, body: Value| world.admin().send("PATCH", path, body).await;
    let meta = json!({ "meta": { "who": "Anna New" } });
    assert_eq!(patch(&format!("{own}/metadata"), meta.clone()).await.status, 200);
    let many = json!({ "status": "failed", "meta": { "of": vec!["A"; 3000] },
        "rerun_config": { "contact": "Anna" } });
    assert_eq!(patch(&step, many).await.status, 200);
    post(&world, &format!("{step}/dismiss"), json!({ "reason": "Anna said so" })).await;
    let neutral = post(&world, &format!("{own}/neutralize"), Value::Null).await;
    assert!(!neutral.to_string().contains("Anna"), "{neutral:#}");
    assert_eq!(neutral["meta"]["type"], "leave");
    let facets = format!("/api/v1/processes/{}/filter-metadata", process["id"]);
    let facets = world.admin().get(&facets).await.text;
    assert!(!facets.contains("Anna") && facets.contains("leave"), "{facets}");
    for (path, body) in [
        (format!("{own}/metadata"), meta),
        (step.clone(), json!({ "meta": { "who": "Anna" } })),
        (step.clone(), json!({ "failure": { "message": "Anna" } })),
        (step.clone(), json!({ "rerun_config": { "contact": "Anna" } })),
    ] {
        assert_eq!(patch(&path, body).await.status, 409, "{path}");
    }
    assert_eq!(patch(&step, json!({ "status": "success" })).await.status, 200);
}
