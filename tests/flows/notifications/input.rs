//! What is not acceptable is refused by name, and secrets are shown nowhere.

use serde_json::json;
use shared::env::Env;
use tests::support::World;

use super::*;

#[tokio::test]
async fn what_is_wrong_with_a_target_is_told() {
    let (world, slack) = world_and_slack().await;
    let url = slack.webhook("x");
    let many: Vec<String> = (0..51).map(|n| format!("a{n}@example.com")).collect();
    for (new, field) in [
        (json!({}), "name"),
        (json!({ "name": "n" }), "kind"),
        (json!({ "name": "n", "kind": "slack" }), "url"),
        (json!({ "name": "n", "kind": "email" }), "recipients"),
        (json!({ "name": "", "kind": "slack", "url": url }), "name"),
        (json!({ "name": "n", "kind": "fax", "url": url }), "kind"),
        (json!({ "name": "n", "kind": "slack", "url": "ftp://x/" }), "url"),
        (json!({ "name": "n", "kind": "slack", "url": "http://u:p@x/" }), "url"),
        (json!({ "name": "n", "kind": "slack", "url": "x".repeat(3000) }), "url"),
        (
            json!({ "name": "n", "kind": "slack", "url": url, "recipients": ["a@b.c"] }),
            "recipients",
        ),
        (json!({ "name": "n", "kind": "slack", "url": url, "more": 1 }), "more"),
    ] {
        let refused = world.admin().send("POST", TARGETS, new.clone()).await;
        assert_eq!(refused.status, 422, "{new}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], field, "{new}");
    }
    let world = World::with(&[("MAIL_FROM", "a@example.com")]).await;
    for (recipients, field) in [
        (json!([]), "recipients"),
        (json!(many), "recipients"),
        (json!(["a@b.example", "nobody"]), "recipients[1]"),
        (json!(["a@b.example\r\nRCPT TO:<c@d.example>"]), "recipients[0]"),
    ] {
        let new = json!({ "name": "n", "kind": "email", "recipients": recipients });
        let refused = world.admin().send("POST", TARGETS, new).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn channels_are_where_their_addresses_are_given_out() {
    let world = World::with(&[]).await;
    for (kind, url, status) in [
        ("slack", "https://hooks.slack.com/services/T/B/X", 201),
        ("slack", "http://hooks.slack.com/services/T/B/X", 422),
        ("slack", "https://example.com/services/T/B/X", 422),
        ("slack", "https://127.0.0.1/services/T/B/X", 422),
        ("teams", "https://p.westeurope.logic.azure.com:443/workflows/1?sig=x", 201),
        ("teams", "https://example.com/?sig=x", 422),
    ] {
        let new = json!({ "name": "n", "kind": kind, "url": url });
        let answer = world.admin().send("POST", TARGETS, new).await;
        assert_eq!(answer.status, status, "{url}: {}", answer.text);
        assert!(status == 201 || answer.json["errors"][0]["field"] == "url", "{}", answer.text);
        assert!(
            !answer.text.contains("services") && !answer.text.contains("sig="),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    let hours = |member: &str, value: Value| {
        let mut hours = json!({ "from": "22:00", "to": "07:00", "time_zone": "UTC" });
        hours[member] = value;
        json!({ "quiet_hours": hours })
    };
    for (more, field) in [
        (json!({ "name": null }), "name"),
        (json!({ "event_types": [] }), "event_types"),
        (json!({ "event_types": ["no.such"] }), "event_types[0]"),
        (json!({ "severity": "much" }), "severity"),
        (json!({ "filter": { "$nor": [] } }), "filter"),
        (json!({ "target_ids": [] }), "target_ids"),
        (json!({ "target_ids": vec!["x"; 21] }), "target_ids"),
        (json!({ "target_ids": ["x"] }), "target_ids[0]"),
        (json!({ "digest": { "every_minutes": 4 } }), "digest.every_minutes"),
        (json!({ "digest": { "every_minutes": 1e18 } }), "digest.every_minutes"),
        (hours("from", json!("25:00")), "quiet_hours.from"),
        (hours("to", json!("22:00")), "quiet_hours.to"),
        (hours("time_zone", json!("Mars/Base")), "quiet_hours.time_zone"),
        (hours("days", json!(["someday"])), "quiet_hours.days[0]"),
        (hours("more", json!(1)), "quiet_hours.more"),
        (json!({ "template": { "body": "x" } }), "template.body"),
    ] {
        let mut new = json!({ "name": "n", "event_types": ["*"], "target_ids": [target] });
        for (name, value) in more.as_object().expect("members") {
            new[name] = value.clone();
        }
        let refused = world.admin().send("POST", RULES, new.clone()).await;
        assert_eq!(refused.status, 422, "{new}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], field, "{}", refused.text);
    }
    for query in ["status=lost", "since=yesterday", "limit=0", "cursor=%23", "limit=1001"] {
        assert_eq!(world.admin().get(&format!("{NOTICES}?{query}")).await.status, 422, "{query}");
    }
    for id in ["x", "..", "%23", "0f9d7c1e-3c55-4a0e-9a53-6a8c5f0e1b7d", &"a".repeat(200)] {
        for at in [TARGETS, RULES, NOTICES] {
            assert_eq!(world.admin().get(&format!("{at}/{id}")).await.status, 404, "{at}/{id}");
        }
    }
}

#[tokio::test]
async fn there_are_twenty_targets_and_twenty_rules_at_most() {
    let (world, slack) = world_and_slack().await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(channel(&world, &slack, &format!("c{n}")).await);
    }
    let one_more = json!({ "name": "n", "kind": "slack", "url": slack.webhook("more") });
    assert_eq!(world.admin().send("POST", TARGETS, one_more.clone()).await.status, 409);
    let targets: Vec<&str> = ids.iter().map(String::as_str).collect();
    for _ in 0..20 {
        rule(&world, &targets, json!({})).await;
    }
    let new = json!({ "name": "n", "event_types": ["*"], "target_ids": ids });
    assert_eq!(world.admin().send("POST", RULES, new).await.status, 409);
    // As many as there may be are told in one transaction.
    emit(&world, SYNC_FAILED, json!({})).await;
    assert!((0..20).all(|n| slack.texts(&format!("c{n}")).len() == 1));
    let removed = world.admin().send("DELETE", &format!("{TARGETS}/{}", ids[0]), json!(null)).await;
    assert_eq!(removed.status, 204);
    assert_eq!(world.admin().send("POST", TARGETS, one_more).await.status, 201);
}

#[tokio::test]
async fn pages_of_notices_lead_on() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({})).await;
    for _ in 0..7 {
        Emitting::within(&world.env).emit("default", SYNC_FAILED, &json!({})).await;
        world.wait(1);
    }
    let since = "since=2026-06-01T12:00:02Z&limit=2";
    let (mut seen, mut query) = (Vec::new(), since.to_owned());
    loop {
        let page = world.admin().get(&format!("{NOTICES}?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        seen.extend(page.json.as_array().expect("a list").iter().map(id));
        let Some(link) = page.header("link").strip_prefix("<?") else { break };
        query = link.split('>').next().expect("an address").to_owned();
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert!(seen.is_sorted_by(|a, b| a > b), "{seen:?}");
    let behind = world.admin().get(&format!("{NOTICES}?{since}&cursor=0")).await;
    assert_eq!((behind.status, behind.json), (200, json!([])));
}

/// The address of a channel is in the vault alone.
#[tokio::test]
async fn an_address_is_shown_nowhere() {
    let (world, slack) = world_and_slack().await;
    let url = slack.webhook("secret");
    let new = json!({ "name": "n", "kind": "slack", "url": url });
    let target = made(&world, TARGETS, new).await;
    rule(&world, &[target["id"].as_str().expect("an id")], json!({})).await;
    let down = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    for refusal in [None, Some((down, "down"))] {
        slack.refuse("secret", refusal);
        emit(&world, SYNC_FAILED, json!({})).await;
        world.wait(5);
    }
    drop(slack);
    emit(&world, SYNC_FAILED, json!({})).await;
    let mut seen = target.to_string();
    for at in
        [TARGETS, RULES, NOTICES, "/api/v1/audit-logs?limit=1000", "/api/v1/notifications/stats"]
    {
        seen.push_str(&world.admin().get(at).await.text);
    }
    for notice in notices(&world, "").await {
        seen.push_str(&world.admin().get(&format!("{NOTICES}/{}", id(&notice))).await.text);
    }
    seen.push_str(&rows(&world.env).await);
    assert!(seen.contains("127.0.0.1/"), "what is shown of it is the host");
    assert!(!seen.contains("token-of-the-simulator") && !seen.contains("/services/"), "{seen}");
}

/// All that stands in the tables that notifications are in, as text.
async fn rows(env: &Env) -> String {
    let mut all = String::new();
    let tenant = shared::tenant::Tenant::parse("default").expect("a name");
    let messages = env.table("MESSAGES_TABLE").expect("a table");
    for kind in ["SUBSCRIBERS", "NOTICES", "NOTICED"] {
        let query = shared::table::Query::partition(&tenant.pk(kind, ""));
        let found: Vec<Value> = messages.query_all(query).await.expect("rows");
        assert!(!found.is_empty(), "{kind}");
        all.push_str(&serde_json::to_string(&found).expect("text"));
    }
    all
}
