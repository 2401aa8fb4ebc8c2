//! A channel of Slack.

use axum::http::StatusCode;
use serde_json::json;
use simulators::Fault;

use super::*;

#[tokio::test]
async fn a_message_that_a_rule_wants_is_told_in_its_channel() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    let rule = rule(&world, &[&target], json!({ "severity": "error" })).await;
    emit(&world, SYNC_FAILED, json!({ "name": "1C <ZUP> & co" })).await;
    emit(&world, EventType("integration.sync.completed"), json!({})).await;
    let texts = slack.texts("ops");
    assert_eq!(texts.len(), 1, "{texts:?}");
    let subject = "*[ERROR] A synchronisation failed: 1C &lt;ZUP&gt; &amp; co*\n";
    assert!(texts[0].starts_with(subject), "{}", texts[0]);
    let sent = notices(&world, "").await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(
        (&sent[0]["status"], &sent[0]["target_id"], &sent[0]["rule_id"], &sent[0]["severity"]),
        (&json!("sent"), &json!(target), &rule["id"], &json!("error"))
    );
    let detail = world.admin().get(&format!("{NOTICES}/{}", id(&sent[0]))).await.json;
    assert_eq!(detail["attempts"][0]["answer"], "ok", "{detail}");
}

#[tokio::test]
async fn a_channel_that_is_gone_is_disabled_with_notice() {
    let (world, slack) = world_and_slack().await;
    let (gone, other) =
        (channel(&world, &slack, "gone").await, channel(&world, &slack, "other").await);
    rule(&world, &[&gone], json!({})).await;
    rule(&world, &[&gone, &other], json!({ "event_types": ["notification.*"] })).await;
    for (status, code) in [
        (StatusCode::FORBIDDEN, "action_prohibited"),
        (StatusCode::NOT_FOUND, "no_service"),
        (StatusCode::GONE, "channel_is_archived"),
        (StatusCode::BAD_REQUEST, "channel_not_found"),
    ] {
        slack.refuse("gone", Some((status, code)));
        let told = slack.texts("other").len();
        emit(&world, SYNC_FAILED, json!({})).await;
        let target = world.admin().get(&format!("{TARGETS}/{gone}")).await.json;
        assert_eq!(target["is_active"], false, "{code}: {target}");
        assert!(target["disabled_reason"].as_str().is_some_and(|why| why.contains(code)));
        let failed = notices(&world, "status=failed").await;
        assert_eq!(failed[0]["error_class"], "refused_target", "{failed:?}");
        let texts = slack.texts("other");
        assert_eq!(texts.len(), told + 1, "{code}: {texts:?}");
        assert!(texts[told].contains(code), "{texts:?}");
        // Nothing more is on its way there.
        emit(&world, SYNC_FAILED, json!({})).await;
        assert_eq!(notices(&world, &format!("target_id={gone}&status=pending")).await.len(), 0);
        slack.refuse("gone", None);
        let enable = format!("{TARGETS}/{gone}/enable");
        let enabled = world.admin().send("POST", &enable, json!(null)).await;
        assert_eq!((enabled.status, &enabled.json["disabled_reason"]), (200, &json!(null)));
        world.wait(60);
    }
    emit(&world, SYNC_FAILED, json!({})).await;
    assert_eq!(slack.texts("gone").len(), 1);
}

#[tokio::test]
async fn a_notice_that_is_refused_fails_alone() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({})).await;
    slack.refuse("ops", Some((StatusCode::BAD_REQUEST, "invalid_payload")));
    emit(&world, SYNC_FAILED, json!({})).await;
    let failed = notices(&world, "status=failed").await;
    assert_eq!(failed[0]["error_class"], "refused_notice", "{failed:?}");
    let now = world.admin().get(&format!("{TARGETS}/{target}")).await.json;
    assert_eq!(now["is_active"], true);
    // Driven anew it goes well, and is not told twice then.
    slack.refuse("ops", None);
    world.wait(2);
    let retry = format!("{NOTICES}/{}/retry", id(&failed[0]));
    assert_eq!(world.admin().send("POST", &retry, json!(null)).await.status, 202);
    world.notify().await;
    assert_eq!(slack.texts("ops").len(), 1);
    assert_eq!(world.admin().send("POST", &retry, json!(null)).await.status, 400);
    assert_eq!(notices(&world, "status=sent").await.len(), 1);
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let (world, slack) = world_and_slack().await;
    let target = channel(&world, &slack, "ops").await;
    rule(&world, &[&target], json!({})).await;
    let path = "/token-of-the-simulator";
    slack.faults.plan("POST", path, 1, Fault::Busy(StatusCode::TOO_MANY_REQUESTS, 90));
    emit(&world, SYNC_FAILED, json!({})).await;
    let waits = notices(&world, "status=pending").await;
    assert_eq!(waits[0]["error_class"], "throttled", "{waits:?}");
    // Neither this one nor another one goes before the time that was asked for.
    world.wait(85);
    emit(&world, SYNC_FAILED, json!({})).await;
    assert_eq!(slack.texts("ops").len(), 0);
    for _ in 0..10 {
        world.wait(5);
        world.notify().await;
    }
    assert_eq!(slack.texts("ops").len(), 2, "{:?}", notices(&world, "").await);
    for fault in [
        Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, "rollup_error".to_owned()),
        Fault::Cut,
        Fault::Answer(StatusCode::OK, "<html>a page</html>".to_owned()),
    ] {
        let told = slack.texts("ops").len();
        slack.faults.plan("POST", path, 1, fault.clone());
        emit(&world, SYNC_FAILED, json!({})).await;
        assert_eq!(slack.texts("ops").len(), told, "{fault:?}");
        for _ in 0..5 {
            world.wait(5);
            world.notify().await;
        }
        assert_eq!(slack.texts("ops").len(), told + 1, "{fault:?}");
    }
}
