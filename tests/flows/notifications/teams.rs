//! A channel of Microsoft Teams, by a workflow and by a connector before it.

use axum::http::StatusCode;
use serde_json::json;
use simulators::Fault;
use simulators::teams::Teams;

use super::*;

async fn channel(world: &World, url: &str) -> String {
    let new = json!({ "name": "teams", "kind": "teams", "url": url });
    id(&made(world, TARGETS, new).await)
}

#[tokio::test]
async fn a_workflow_gets_a_card_at_its_very_address() {
    let (world, teams) = (world(&[]).await, Teams::start().await.expect("a Teams"));
    let target = channel(&world, &teams.workflow()).await;
    rule(&world, &[&target], json!({})).await;
    emit(&world, SYNC_FAILED, json!({ "name": "1C \"ZUP\"" })).await;
    let cards = teams.cards();
    assert_eq!(cards.len(), 1, "{:?}", notices(&world, "").await);
    assert_eq!(cards[0].0, "[ERROR] A synchronisation failed: 1C \"ZUP\"");
    assert!(cards[0].1.contains("integration.sync.failed at 2026-06-01T12:00:00Z"), "{cards:?}");
}

#[tokio::test]
async fn data_that_are_huge_are_cut_and_not_refused() {
    let (world, teams) = (world(&[]).await, Teams::start().await.expect("a Teams"));
    let targets =
        [channel(&world, &teams.workflow()).await, channel(&world, &teams.connector()).await];
    let of = EventType("webhook.delivery.failed");
    let bad = json!({ "name": "a rule", "event_types": ["webhook.*"], "target_ids": targets,
        "template": { "text": "{{ data.text }}" } });
    let refused = world.admin().send("POST", RULES, bad).await;
    assert_eq!(refused.json["errors"][0]["field"], "template.text", "{}", refused.text);
    let text = "{% if data.text is defined %}{{ data.text }}{% endif %}";
    let more = json!({ "template": { "text": text }, "event_types": ["webhook.*"] });
    rule(&world, &[&targets[0], &targets[1]], more).await;
    emit(&world, of, json!({ "text": "\u{1}\u{20ac}\"".repeat(10_000) })).await;
    let cards = teams.cards();
    assert_eq!(cards.len(), 2, "{:?}", notices(&world, "").await);
    assert!(cards.iter().all(|(_, text)| text.len() > 5_000 && text.contains('\u{20ac}')));
}

#[tokio::test]
async fn a_connector_that_quotes_an_error_did_not_take_the_notice() {
    let (world, teams) = (world(&[]).await, Teams::start().await.expect("a Teams"));
    let target = channel(&world, &teams.connector()).await;
    rule(&world, &[&target], json!({})).await;
    let quoted = "Webhook message delivery failed with error: Microsoft Teams endpoint returned \
        HTTP error 429 with ContextId x";
    let busy = Fault::Answer(StatusCode::OK, quoted.to_owned());
    teams.faults.plan("POST", "/owner", 2, busy);
    emit(&world, SYNC_FAILED, json!({})).await;
    assert_eq!(notices(&world, "").await[0]["error_class"], "throttled");
    for _ in 0..10 {
        world.wait(2);
        world.notify().await;
    }
    assert_eq!(teams.cards().len(), 1, "{:?}", notices(&world, "").await);
}

#[tokio::test]
async fn a_signature_that_does_not_hold_any_more_disables() {
    let (world, teams) = (world(&[]).await, Teams::start().await.expect("a Teams"));
    let target = channel(&world, &teams.workflow().replace("a-b_c", "other")).await;
    rule(&world, &[&target], json!({})).await;
    emit(&world, SYNC_FAILED, json!({})).await;
    let at = format!("{TARGETS}/{target}");
    let now = world.admin().get(&at).await.json;
    assert_eq!(now["is_active"], false, "{now}");
    // A new address, and it is told again.
    let put = json!({ "url": teams.workflow(), "is_active": true });
    let now = world.admin().send("PUT", &at, put).await;
    assert_eq!((now.status, &now.json["disabled_reason"]), (200, &json!(null)), "{}", now.text);
    world.wait(2);
    emit(&world, SYNC_FAILED, json!({})).await;
    assert_eq!(teams.cards().len(), 1);
}
