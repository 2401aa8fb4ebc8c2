//! Usage: counted exactly, whoever counts and however often writes fail.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::clock::Clock;
use tests::support::{Credential, Installation, World};

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_of_sixteen_clients_are_ten_thousand() {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let key = admin.post_json("/api/v1/api-keys", &json!({"name": "busy"})).await.json;
    let busy = admin.with(Credential::Bearer(key["key"].as_str().expect("a key").to_owned()));
    let clients = (0..16).map(|client| {
        let busy = busy.clone();
        tokio::spawn(async move {
            for n in 0..625 {
                let path = if (n + client) % 5 == 0 { "/events/1" } else { "/events" };
                let status = busy.get(path).await.status;
                assert!(matches!(status, 200 | 404), "{status}");
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("a client");
    }
    let stats = busy.get("/api/v1/auth/usage-stats").await.json;
    // The last one asked for the statistics.
    assert_eq!(stats["usage_count"], 10_001);
    assert_eq!((&stats["daily_usage"], &stats["weekly_usage"]), (&json!(10_001), &json!(10_001)));
    let top = stats["top_endpoints"].as_array().expect("endpoints");
    assert_eq!(top[0], json!({"endpoint": "GET /events", "count": 8_000}));
    assert_eq!(top[1], json!({"endpoint": "GET /events/{event_id}", "count": 2_000}));
    let listed = admin.get(&format!("/api/v1/api-keys/{}", key["id"])).await.json;
    assert_eq!(listed["usage_count"], 10_001);
    assert!(listed["last_used_at"].is_string());
    installation.app.stop().await;
}

#[tokio::test]
async fn a_day_and_a_week_end_and_the_sum_stays() {
    let world = World::with(&[]).await;
    let key = world.key(json!({"name": "a"})).await;
    let key = key["key"].as_str().expect("a key");
    let stats = async || world.bearer(key).get("/api/v1/auth/usage-stats").await.json;
    assert_eq!(world.bearer(key).get("/events").await.status, 200);
    let first = stats().await;
    assert_eq!((&first["usage_count"], &first["daily_usage"]), (&json!(2), &json!(2)));
    world.wait(24 * 3600);
    let second = stats().await;
    assert_eq!((&second["daily_usage"], &second["weekly_usage"]), (&json!(1), &json!(3)));
    world.wait(6 * 24 * 3600);
    let third = stats().await;
    assert_eq!((&third["weekly_usage"], &third["usage_count"]), (&json!(2), &json!(4)));
    assert_eq!(third["last_used_at"], "2026-06-08T12:00:00Z");
}

/// Two processes count beside each other, and each writes down its own.
#[tokio::test]
async fn processes_add_up() {
    let world = World::at(Clock::system(), &[]).await;
    let key = world.key(json!({"name": "a"})).await;
    let bearer = format!("Bearer {}", key["key"].as_str().expect("a key"));
    let headers = [("authorization", bearer.as_str())];
    let services: Vec<_> = (0..4).map(|_| Arc::new(World::service(&world.env))).collect();
    for service in &services {
        for _ in 0..5 {
            service.call("GET", "/events", &headers, String::new()).await;
        }
    }
    let mut last = Value::Null;
    for service in &services {
        let path = "/api/v1/auth/usage-stats";
        last = service.call("GET", path, &headers, String::new()).await.1;
    }
    assert_eq!(last["usage_count"], 24);
}
