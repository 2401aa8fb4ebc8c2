//! Tickets are found by all four filters, page by page.

use serde_json::{Value, json};
use tests::support::World;

use super::{asked, request};

async fn list(world: &World, query: &str) -> Value {
    let listed = world.admin().get(&format!("/support/tickets?{query}")).await;
    assert_eq!(listed.status, 200, "{query}: {}", listed.text);
    listed.json
}

#[tokio::test]
async fn every_filter_finds_what_it_says() {
    let world = World::with(&[]).await;
    let first = asked(&world, "software_access").await;
    let mut other = request("hardware");
    (other["employee_id"], other["priority"]) = (json!("EMP002"), json!("LOW"));
    assert_eq!(world.admin().send("POST", "/support/request", other).await.status, 200);
    for (query, count) in [
        ("", 2),
        ("employee_id=EMP001", 1),
        ("status=waiting_for_approval", 1),
        ("status=pending", 1),
        ("status=resolved", 0),
        ("status=odd", 0),
        ("priority=high", 1),
        ("priority=LOW", 1),
        ("category=hardware", 1),
        (
            "employee_id=EMP001&status=waiting_for_approval&priority=high&category=software_access",
            1,
        ),
        ("employee_id=EMP001&category=hardware", 0),
    ] {
        let listed = list(&world, query).await;
        assert_eq!(listed["count"], count, "{query}: {listed:#}");
    }
    let item = &list(&world, "employee_id=EMP001").await["tickets"][0];
    assert_eq!(
        item,
        &json!({
            "ticket_id": first, "title": "Database Access Request",
            "status": "waiting_for_approval", "employee_id": "EMP001",
            "request_type": "software_access", "created_at": "2026-06-01T12:00:00Z",
            "priority": "high",
        })
    );
}

#[tokio::test]
async fn pages_have_each_ticket_once() {
    let world = World::with(&[]).await;
    for _ in 0..7 {
        asked(&world, "hardware").await;
    }
    let (mut seen, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let page = list(&world, &query).await;
        let ids = page["tickets"].as_array().expect("a list").iter();
        seen.extend(ids.map(|ticket| ticket["ticket_id"].as_str().expect("an id").to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        query = format!("limit=3&cursor={next}");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    for (query, field) in [("limit=0", "limit"), ("limit=501", "limit"), ("cursor=x", "cursor")] {
        let refused = world.admin().get(&format!("/support/tickets?{query}")).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
}
