//! What any installation does: a change is told in a channel.

use tests::support::{Installation, Target};

use super::*;

/// A connection is made, and a channel of Slack hears of it.
pub async fn all(target: &Target) {
    let (admin, slack) = (target.admin(), Slack::start().await.expect("a Slack"));
    let channel = json!({ "name": "ops", "kind": "slack", "url": slack.webhook("ops") });
    let channel = admin.post_json(TARGETS, &channel).await;
    assert_eq!(channel.status, 201, "{}", channel.text);
    let rule = json!({ "name": "new connections", "event_types": ["integration.connection.created"],
        "target_ids": [channel.json["id"]] });
    let rule = admin.post_json(RULES, &rule).await;
    assert_eq!(rule.status, 201, "{}", rule.text);
    let connection = json!({ "name": "1C ZUP", "integration_type": "1c",
        "endpoint_url": "https://1c.invalid", "authentication_type": "none" });
    let made = admin.post_json("/integrations/connections", &connection).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let sent = |one: &Value| one["status"] == "sent";
    let notice = admin.first_when(NOTICES, sent).await;
    let texts = slack.texts("ops");
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].starts_with("*[INFO] A connection was created: 1C ZUP*"), "{}", texts[0]);
    let detail = admin.get(&format!("{NOTICES}/{}", id(&notice))).await.json;
    assert_eq!(detail["attempts"][0]["answer"], "ok", "{detail}");
    let removed = admin.delete(&format!("{TARGETS}/{}", id(&channel.json))).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_in_a_channel() {
    let installation = Installation::start().await;
    all(&installation.target).await;
}
