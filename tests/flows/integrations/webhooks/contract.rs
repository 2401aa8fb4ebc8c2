//! Every row of the contract's table, under both bases, with and without a slash at the
//! end, and the words that existing clients know.

use serde_json::{Value, json};

use super::{WEBHOOKS, deliveries, event, path, register, world};

#[tokio::test]
async fn a_new_webhook_is_as_the_contract_has_it() {
    let (world, receiver) = world().await;
    let made = register(&world, &receiver, json!({})).await;
    for (name, value) in [
        ("name", json!("a receiver")),
        ("method", json!("POST")),
        ("headers", json!({})),
        ("event_types", json!(["*"])),
        ("auth_type", json!("none")),
        ("timeout_seconds", json!(30)),
        ("retry_attempts", json!(3)),
        ("retry_delay_seconds", json!(60)),
        ("is_active", json!(true)),
        ("last_triggered", Value::Null),
        ("success_count", json!(0)),
        ("failure_count", json!(0)),
        ("organization_id", json!("default")),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    assert!(made["secret"].as_str().expect("a secret").starts_with("whsec_"));
}

#[tokio::test]
async fn a_webhook_is_found_listed_changed_and_removed_by_the_contract() {
    let (world, receiver) = world().await;
    let admin = world.admin();
    let made = register(&world, &receiver, json!({})).await;
    let found = admin.get(&path(&made)).await;
    assert_eq!(found.json["id"], made["id"]);
    assert!(found.json.get("secret").is_none(), "a secret is shown once");
    for base in [WEBHOOKS, "/api/v1/integrations/webhooks"] {
        let listed = admin.get(base).await;
        assert_eq!(listed.json[0]["id"], made["id"], "{base}");
        assert_eq!(admin.get(&format!("{base}/stats")).await.status, 200);
        assert_eq!(admin.get(&format!("{base}/events/types")).await.status, 200);
    }

    let changed = json!({"name": "renamed", "is_active": false, "event_types": ["1c.*"]});
    let changed = admin.send("PUT", &path(&made), changed).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json["name"], "renamed");
    assert_eq!(changed.json["url"], made["url"], "what is not given stays");
    for (query, many) in [
        ("is_active=false", 1),
        ("is_active=true", 0),
        ("event_type=1c.schedule.sent", 1),
        ("event_type=integration.sync.started", 0),
        ("skip=1", 0),
    ] {
        let listed = admin.get(&format!("{WEBHOOKS}?{query}")).await;
        assert_eq!(listed.json.as_array().map(Vec::len), Some(many), "{query}");
    }

    let removed = admin.send("DELETE", &path(&made), Value::Null).await;
    assert_eq!(removed.status, 200);
    assert_eq!(removed.json["message"], "Webhook endpoint deleted successfully");
    assert_eq!(removed.json["data"], json!({"webhook_id": made["id"]}));
    assert_eq!(removed.json["success"], true);
    for method in ["GET", "PUT", "DELETE"] {
        let gone = admin.send(method, &path(&made), json!({})).await;
        let told = (gone.status, gone.json["detail"].as_str());
        assert_eq!(told, (404, Some("Webhook endpoint not found")), "{method}");
    }
}

#[tokio::test]
async fn the_types_of_messages_are_the_contract_s() {
    let (world, _receiver) = world().await;
    let types = world.admin().get(&format!("{WEBHOOKS}/events/types")).await.json;
    assert_eq!(types["total_types"], 22);
    assert_eq!(types["event_types"].as_object().map(serde_json::Map::len), Some(22));
    let categories = types["categories"].as_object().expect("categories");
    let names: Vec<_> = categories.keys().map(String::as_str).collect();
    assert_eq!(names, ["1c", "contact_center", "integration", "system", "webhook"]);
    let listed: usize = categories.values().filter_map(|names| Some(names.as_array()?.len())).sum();
    assert_eq!(listed, 22);
    assert!(types["event_types"]["integration.sync.completed"].is_string());
    assert!(types["other_event_types"]["pega.event.received"].is_string());
}

#[tokio::test]
async fn a_trial_is_delivered_and_shown_as_the_contract_says() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"is_active": false})).await;
    let test = format!("{}/test", path(&webhook));
    let answer = world.admin().raw("POST", &test, String::new()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["message"], "Test webhook delivery scheduled");
    assert_eq!(answer.json["data"]["webhook_id"], webhook["id"]);
    let payload = &answer.json["data"]["test_payload"];
    assert_eq!(payload["event_type"], "integration.test");
    assert_eq!(payload["data"]["message"], "Test webhook delivery");
    let own = json!({"hello": "world"});
    assert_eq!(
        world.admin().send("POST", &test, own.clone()).await.json["data"]["test_payload"],
        own
    );

    world.deliver().await;
    let taken = receiver.took(2).await;
    assert_eq!(taken[1].json()["event_data"], own);
    let listed = deliveries(&world, &webhook).await;
    let last = &listed[0];
    for (name, value) in [
        ("webhook_id", webhook["id"].clone()),
        ("event_type", json!("integration.test")),
        ("event_data", own),
        ("delivery_status", json!("delivered")),
        ("http_status", json!(204)),
        ("error_message", Value::Null),
        ("retry_count", json!(0)),
        ("next_retry_at", Value::Null),
    ] {
        assert_eq!(last[name], value, "{name}");
    }
    assert!(last["delivered_at"].is_string() && last["created_at"].is_string());

    let retry =
        format!("{}/deliveries/{}/retry", path(&webhook), last["id"].as_str().expect("an id"));
    let refused = world.admin().send("POST", &retry, Value::Null).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json["detail"], "Cannot retry successfully delivered webhook");
    let unknown = format!("{}/deliveries/{}/retry", path(&webhook), shared::ids::time_ordered());
    let unknown = world.admin().send("POST", &unknown, Value::Null).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.json["detail"], "Webhook delivery not found");
}

#[tokio::test]
async fn statistics_are_what_a_recount_says() {
    let (world, receiver) = world().await;
    let all = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    let few = register(&world, &receiver, json!({"event_types": ["pega.event.failed"]})).await;
    for case in 0..7 {
        event(&world, &format!("HR-{case}")).await;
    }
    let refusal = simulators::Fault::Answer(axum::http::StatusCode::BAD_GATEWAY, "no".to_owned());
    receiver.faults.plan("POST", "/hook", 2, refusal);
    world.deliver().await;
    world.wait(3600);
    event(&world, "HR-8").await;

    let stats = world.admin().get(&format!("{WEBHOOKS}/stats?days=7")).await.json;
    assert_eq!(
        stats["period"],
        json!({
            "start_date": "2026-05-26", "end_date": "2026-06-01", "days": 7,
        })
    );
    assert_eq!(stats["webhooks"], json!({"total": 2, "active": 2, "inactive": 0}));
    let expected = json!({
        "total": 8, "successful": 5, "failed": 2, "pending": 1, "success_rate": 62.5,
    });
    assert_eq!(stats["deliveries"], expected);
    let of_type = json!({"total": 8, "successful": 5, "failed": 2, "pending": 1});
    assert_eq!(stats["event_types"], json!({"pega.event.received": of_type}));
    let listed = deliveries(&world, &all).await;
    let standing =
        |status: &str| listed.iter().filter(|one| one["delivery_status"] == status).count();
    assert_eq!((standing("delivered"), standing("failed"), standing("pending")), (5, 2, 1));
    assert!(deliveries(&world, &few).await.is_empty());
    let webhook = super::now(&world, &all).await;
    assert_eq!((&webhook["success_count"], &webhook["failure_count"]), (&json!(5), &json!(2)));
    assert!(webhook["latency_ms"]["p95"].is_i64());
    for days in ["0", "366", "x"] {
        let refused = world.admin().get(&format!("{WEBHOOKS}/stats?days={days}")).await;
        assert_eq!(refused.status, 422, "{days}");
        assert!(refused.text.contains("days"), "{}", refused.text);
    }
}

#[tokio::test]
async fn deliveries_are_filtered_and_paged() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    let refusal = simulators::Fault::Answer(axum::http::StatusCode::BAD_GATEWAY, String::new());
    receiver.faults.plan("POST", "/hook", 3, refusal);
    for case in 0..9 {
        event(&world, &format!("HR-{case}")).await;
    }
    world.deliver().await;
    let base = format!("{}/deliveries", path(&webhook));
    let ids = async |query: &str| {
        let page = world.admin().get(&format!("{base}?{query}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.text);
        let next = page.header("link").split_once('?').map(|(_, rest)| rest.to_owned());
        let next = next.and_then(|rest| Some(rest.split_once('>')?.0.to_owned()));
        let ids = page.json.as_array().expect("a list").clone().into_iter();
        (ids.map(|one| one["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>(), next)
    };
    let all = ids("limit=100").await.0;
    assert_eq!(all.len(), 9);
    assert!(all.is_sorted_by(|a, b| a > b), "the newest first");
    assert_eq!(ids("skip=2&limit=3").await.0, all[2..5]);
    assert_eq!(ids("skip=20").await.0, Vec::<String>::new());
    let failed = ids("status=failed").await.0;
    assert_eq!(failed.len(), 3);
    assert_eq!(ids("status=failed&skip=1").await.0, failed[1..]);
    assert_eq!(ids("status=delivered").await.0.len(), 6);
    assert_eq!(ids("event_type=pega.event.received").await.0.len(), 9);
    assert_eq!(ids("event_type=1c.schedule.sent").await.0.len(), 0);
    // From page to page, each once.
    let (mut seen, mut query) = (Vec::new(), "limit=2&skip=1".to_owned());
    loop {
        let (page, next) = ids(&query).await;
        seen.extend(page);
        let Some(next) = next else { break };
        query = next;
    }
    assert_eq!(seen, all[1..]);
    for wrong in ["cursor=x", "cursor=1+1", "skip=-1", "limit=0", "status=lost", "error_class=x"] {
        let refused = world.admin().get(&format!("{base}?{wrong}")).await;
        assert_eq!(refused.status, 422, "{wrong}");
        let field = wrong.split_once('=').expect("a field").0;
        assert!(refused.text.contains(field), "{wrong}: {}", refused.text);
    }
}
