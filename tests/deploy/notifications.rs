//! Notifications through the functions' own binaries, DynamoDB, SQS and Secrets Manager.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use simulators::slack::Slack;
use tests::support::{Caller, Credential};

use super::Deployed;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_in_a_channel_on_the_deployed_template() -> Result<()> {
    let (deployed, slack) = (Deployed::start(json!({})).await?, Slack::start().await?);
    let key = deployed.admin_key().to_owned();
    let admin = Caller::new(deployed.url(), Credential::Bearer(key));
    let base = "/api/v1/notifications";
    let target = json!({ "name": "ops", "kind": "slack", "url": slack.webhook("ops") });
    let target = admin.post_json(&format!("{base}/targets"), &target).await;
    assert_eq!(target.status, 201, "{}", target.text);
    let rule = json!({ "name": "all", "event_types": ["integration.*"],
        "target_ids": [target.json["id"]] });
    let rule = admin.post_json(&format!("{base}/rules"), &rule).await;
    assert_eq!(rule.status, 201, "{}", rule.text);
    let connection = json!({ "name": "1C ZUP", "integration_type": "1c",
        "endpoint_url": "https://1c.invalid", "authentication_type": "none" });
    let made = admin.post_json("/integrations/connections", &connection).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let sent = |one: &Value| one["status"] == "sent";
    let notice = admin.first_when(&format!("{base}/notices"), sent).await;
    let texts = slack.texts("ops");
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].starts_with("*[INFO] A connection was created: 1C ZUP*"), "{}", texts[0]);
    let id = notice["id"].as_str().context("an id")?;
    let detail = admin.get(&format!("{base}/notices/{id}")).await.json;
    assert_eq!(detail["attempts"][0]["answer"], "ok", "{detail}");
    Ok(())
}
