//! Tenants: registered, suspended, resumed; and neither sees the other.

use serde_json::{Value, json};
use tests::support::World;

const TENANTS: &str = "/api/v1/tenants";

#[tokio::test]
async fn a_tenant_starts_with_its_own_admin_who_administers_no_tenants() {
    let world = World::with(&[]).await;
    let made = world.admin().send("POST", TENANTS, json!({"id": "acme", "name": "Acme"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let acme = world.bearer(made.json["admin_key"].as_str().expect("a key"));
    let me = acme.get("/api/v1/auth/me").await.json;
    assert_eq!((&me["tenant"], &me["role"]), (&json!("acme"), &json!("admin")));
    for (method, path) in
        [("GET", TENANTS.to_owned()), ("POST", format!("{TENANTS}/default/suspend"))]
    {
        let answer = acme.send(method, &path, Value::Null).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.text.contains("installation.admin"), "{}", answer.text);
    }
    let installer = json!({"name": "x", "role": "admin", "permissions": ["installation.admin"]});
    assert_eq!(acme.send("POST", "/api/v1/api-keys", installer).await.status, 422);
    let listed = world.admin().get(TENANTS).await.json;
    let names: Vec<_> = listed.as_array().expect("tenants").iter().map(|t| &t["id"]).collect();
    assert_eq!(names, [&json!("acme"), &json!("default")]);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_tenant_is_named() {
    let world = World::with(&[]).await;
    for (body, status, field) in [
        (json!({}), 422, "id"),
        (json!({"id": "A B"}), 422, "id"),
        (json!({"id": "x".repeat(33)}), 422, "id"),
        (json!({"id": "a", "name": ""}), 422, "name"),
        (json!({"id": "a", "nmae": "b"}), 422, "nmae"),
    ] {
        let answer = world.admin().send("POST", TENANTS, body.clone()).await;
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["field"]),
            (status, &json!(field)),
            "{body}"
        );
    }
    let twice = world.admin().send("POST", TENANTS, json!({"id": "default"})).await;
    assert_eq!(twice.status, 409);
    assert_eq!(world.admin().get(&format!("{TENANTS}/nobody")).await.status, 404);
    assert_eq!(world.admin().get(&format!("{TENANTS}/A%20B")).await.status, 404);
}

#[tokio::test]
async fn a_suspended_tenant_is_shut_out_within_fifteen_seconds_and_let_in_again() {
    let world = World::with(&[]).await;
    let made = world.admin().send("POST", TENANTS, json!({"id": "acme"})).await.json;
    let acme = world.bearer(made["admin_key"].as_str().expect("a key"));
    assert_eq!(acme.get("/events").await.status, 200);
    let suspended =
        world.admin().send("POST", &format!("{TENANTS}/acme/suspend"), Value::Null).await;
    assert_eq!(suspended.json["status"], "suspended");
    world.wait(16);
    let refused = acme.get("/events").await;
    assert_eq!(
        (refused.status, &refused.json["detail"]),
        (403, &json!("This tenant is suspended or unknown"))
    );
    world.admin().send("POST", &format!("{TENANTS}/acme/resume"), Value::Null).await;
    assert_eq!(acme.get("/events").await.status, 200);
    let own = world.admin().send("POST", &format!("{TENANTS}/default/suspend"), Value::Null).await;
    assert_eq!(own.status, 409, "who would resume it?");
}

#[tokio::test]
async fn what_an_operator_does_is_in_the_trail_of_whom_it_concerns() {
    let world = World::with(&[]).await;
    let made = world.admin().send("POST", TENANTS, json!({"id": "acme"})).await.json;
    let acme = world.bearer(made["admin_key"].as_str().expect("a key"));
    let theirs = acme.get("/api/v1/audit-logs").await.json;
    assert_eq!(
        (&theirs[0]["action"], &theirs[0]["actor"]),
        (&json!("api-key.create"), &json!("operator"))
    );
    let ours = world.admin().get("/api/v1/audit-logs?subject=tenant:acme").await.json;
    assert_eq!((&ours[0]["action"], &ours[0]["actor"]), (&json!("tenant.create"), &json!("key:1")));
    assert_eq!(ours[0]["correlation_id"], theirs[0]["correlation_id"]);
}

/// Of those who do the same at the same moment, one did it.
#[tokio::test]
async fn a_change_that_somebody_else_made_is_entered_once() {
    let world = World::with(&[]).await;
    world.admin().send("POST", TENANTS, json!({"id": "acme"})).await;
    let suspend = async || {
        world.admin().send("POST", &format!("{TENANTS}/acme/suspend"), Value::Null).await.status
    };
    let all = tokio::join!(suspend(), suspend(), suspend(), suspend());
    assert_eq!(all, (200, 200, 200, 200));
    let entries = world.admin().get("/api/v1/audit-logs?action=tenant.suspend").await.json;
    assert_eq!(entries.as_array().map(Vec::len), Some(1));
    let make = async || world.admin().send("POST", TENANTS, json!({"id": "twice"})).await.status;
    let made = tokio::join!(make(), make(), make());
    let mut made = [made.0, made.1, made.2];
    made.sort_unstable();
    assert_eq!(made, [201, 409, 409]);
}
