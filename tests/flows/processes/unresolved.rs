//! Failures that nobody took care of: the list is empty when each was run again or dismissed.

use serde_json::{Value, json};
use tests::support::{Answer, World};

use super::failures::{fail, failed, failed_of, process, step_run};

async fn unresolved(world: &World, query: &str) -> Value {
    let answer = world.admin().get(&format!("/api/v1/step-runs/unresolved{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

/// How many there are, as it is told, and which.
async fn left(world: &World, query: &str) -> (i64, Vec<i64>) {
    let page = unresolved(world, query).await;
    let items = page["items"].as_array().expect("a list").iter();
    let ids = items.map(|item| item["step_run"]["id"].as_i64().expect("a number")).collect();
    (page["total"].as_i64().expect("a number"), ids)
}

async fn dismiss(world: &World, step: i64, method: &str, reason: &str) -> Answer {
    let body = if method == "POST" { json!({ "reason": reason }) } else { Value::Null };
    world.admin().send(method, &format!("/api/v1/step-runs/{step}/dismiss"), body).await
}

#[tokio::test]
async fn what_was_run_again_or_dismissed_is_no_longer_unresolved() {
    let world = World::with(&[]).await;
    assert_eq!(left(&world, "").await, (0, vec![]));
    let (one, other) = (process(&world, json!({})).await, process(&world, json!({})).await);
    let first = failed_of(&world, one).await;
    let second = failed_of(&world, other).await;
    let third = failed_of(&world, one).await;
    assert_eq!(left(&world, "").await, (3, vec![third, second, first]));
    assert_eq!(left(&world, &format!("?process_id={one}")).await, (2, vec![third, first]));
    let item = &unresolved(&world, "").await["items"][0];
    assert_eq!((&item["process_id"], &item["entity_id"]), (&json!(one), &json!("CUST-1")));
    assert_eq!(item["step_run"]["failure"]["message"], "no disk");

    let rerun = format!("/api/v1/step-runs/{first}/rerun");
    let again = world.admin().send("POST", &rerun, Value::Null).await.json["id"].as_i64();
    assert_eq!(left(&world, "").await, (2, vec![third, second]));
    let dismissed = dismiss(&world, second, "POST", " done by hand ").await;
    assert_eq!(dismissed.json["dismissed"]["reason"], "done by hand", "{}", dismissed.text);
    assert_eq!(dismissed.json["status"], "failed");
    assert_eq!(left(&world, "").await, (1, vec![third]));
    let path = format!("/api/v1/step-runs/{third}");
    world.admin().send("PATCH", &path, json!({ "status": "success" })).await;
    assert_eq!(left(&world, "").await, (0, vec![]));

    fail(&world, again.expect("a number")).await;
    assert_eq!(left(&world, "").await.0, 1, "what was run again failed again");
    assert_eq!(dismiss(&world, second, "DELETE", "").await.status, 200);
    assert_eq!(left(&world, "").await.0, 2, "taken back");
    assert_eq!(dismiss(&world, second, "DELETE", "").await.status, 200);
    let run = format!("/api/v1/runs/{}", second / 1000);
    assert_eq!(world.admin().send("DELETE", &run, Value::Null).await.status, 204);
    assert_eq!(left(&world, "").await.0, 1, "a deleted run has none");
}

#[tokio::test]
async fn a_dismissal_has_a_reason_and_something_to_dismiss() {
    let world = World::with(&[]).await;
    let step = failed(&world, json!({})).await;
    for (reason, status) in [("", 422), ("  ", 422), (&*"x".repeat(501), 422), ("why", 200)] {
        assert_eq!(dismiss(&world, step, "POST", reason).await.status, status, "{reason}");
    }
    let seen = step_run(&world, step).await;
    assert_eq!(dismiss(&world, step, "POST", "why").await.json, seen, "once");
    assert_eq!(dismiss(&world, 7, "POST", "why").await.status, 404);
    let rerun = format!("/api/v1/step-runs/{step}/rerun");
    let again = world.admin().send("POST", &rerun, Value::Null).await;
    assert_eq!(again.status, 200, "a dismissed failure may be run again: {}", again.text);
    assert_eq!(dismiss(&world, step, "POST", "why").await.status, 409);
    let pending = again.json["id"].as_i64().expect("a number");
    let refused = dismiss(&world, pending, "POST", "why").await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let fresh = failed(&world, json!({})).await;
    dismiss(&world, fresh, "POST", "why").await;
    world
        .admin()
        .send("PATCH", &format!("/api/v1/step-runs/{fresh}"), json!({ "status": "running" }))
        .await;
    fail(&world, fresh).await;
    assert_eq!(left(&world, "").await, (1, vec![fresh]), "another failure is not dismissed");
}

#[tokio::test]
async fn pages_go_on_where_the_one_before_ended() {
    let world = World::with(&[]).await;
    let (one, other) = (process(&world, json!({})).await, process(&world, json!({})).await);
    let mut expected = Vec::new();
    for at in 0..7 {
        expected.push(failed_of(&world, if at % 2 == 0 { one } else { other }).await);
    }
    expected.reverse();
    let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = unresolved(&world, &query).await;
        seen.extend(left(&world, &query).await.1);
        let Some(cursor) = page["next_cursor"].as_i64() else { break };
        query = format!("?limit=3&cursor={cursor}");
    }
    assert_eq!(seen, expected);
    for query in ["?limit=0", "?limit=1001", "?cursor=x", "?process_id=x"] {
        let path = format!("/api/v1/step-runs/unresolved{query}");
        assert_eq!(world.admin().get(&path).await.status, 422, "{query}");
    }
}
