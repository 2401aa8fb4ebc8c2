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
