//! Notifications as the walk over every operation calls them.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Answer, Caller};

const NOTIFICATIONS: &str = "/api/v1/notifications";

/// A target that nobody listens at, a rule for it, and a notice to it: their ids.
pub async fn objects(admin: &Caller, name: &str) -> Result<(String, String, String)> {
    let id = |of: &Value, member: &str| {
        Ok::<_, anyhow::Error>(of[member].as_str().with_context(|| of.to_string())?.to_owned())
    };
    let target = json!({"name": name, "kind": "slack", "url": "http://127.0.0.1:9/"});
    let target = admin.post_json(&format!("{NOTIFICATIONS}/targets"), &target).await.json;
    let target = id(&target, "id")?;
    let rule = json!({"name": name, "event_types": ["1c.*"], "target_ids": [target]});
    let rule = admin.post_json(&format!("{NOTIFICATIONS}/rules"), &rule).await.json;
    let test = admin.post(&format!("{NOTIFICATIONS}/targets/{target}/test")).await.json;
    Ok((target, id(&rule, "id")?, id(&test, "notice_id")?))
}

/// Whether an operation is one of notifications.
pub fn has(operation: &str) -> bool {
    operation.contains("notification") || operation.ends_with("notice")
}

/// How each operation of notifications that changes something is called so that it does.
/// What it is called with is removed after that: a tenant may have twenty.
pub async fn change(operation: &str, admin: &Caller, name: &str) -> Result<Answer> {
    let (target_id, rule_id, notice_id) = objects(admin, name).await?;
    let (targets, rules) = (format!("{NOTIFICATIONS}/targets"), format!("{NOTIFICATIONS}/rules"));
    let (target, rule) = (format!("{targets}/{target_id}"), format!("{rules}/{rule_id}"));
    let other = json!({ "name": "other" });
    let answer = match operation {
        "create_notification_target" => {
            let new = json!({"name": name, "kind": "teams", "url": "http://127.0.0.1:9/?sig=1"});
            admin.post_json(&targets, &new).await
        }
        "update_notification_target" => {
            admin.send(admin.request(Method::PUT, &target).json(&other)).await
        }
        "delete_notification_target" => admin.delete(&target).await,
        "test_notification_target" => admin.post(&format!("{target}/test")).await,
        "enable_notification_target" => admin.post(&format!("{target}/enable")).await,
        "create_notification_rule" => {
            let new = json!({"name": name, "event_types": ["*"], "target_ids": [target_id]});
            admin.post_json(&rules, &new).await
        }
        "update_notification_rule" => {
            admin.send(admin.request(Method::PUT, &rule).json(&other)).await
        }
        "delete_notification_rule" => admin.delete(&rule).await,
        "retry_notice" => {
            let retry = format!("{NOTIFICATIONS}/notices/{notice_id}/retry");
            // Between two attempts.
            let mut answer = admin.post(&retry).await;
            while answer.status == 409 {
                answer = admin.post(&retry).await;
            }
            answer
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    };
    for (at, id) in [(&targets, &target_id), (&rules, &rule_id)] {
        admin.delete(&format!("{at}/{id}")).await;
    }
    Ok(answer)
}
