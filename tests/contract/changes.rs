//! How each operation that changes something is called so that it does.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use shared::web::percent_encode;
use tests::support::{Answer, Caller, Target, events};

use super::samples::{
    CONNECTIONS, WEBHOOKS, checklist, failed_event, new_connection, new_mapping, put_rules, replay,
    undecided_event, webhook,
};
use super::{enjaz, notifications, processes, support, workforce};

/// How each operation of webhooks that changes something is called so that it does.
async fn change_webhook(operation: &str, admin: &Caller, name: &str) -> Result<Answer> {
    let now = shared::web::to_the_second(shared::clock::Clock::system().now_ms() - 60_000);
    if operation == "create_webhook" {
        let new = json!({"name": name, "url": "http://127.0.0.1:9/", "event_types": ["1c.*"]});
        return Ok(admin.post_json(WEBHOOKS, &new).await);
    }
    let hook = webhook(admin, name).await;
    let post =
        async |below: &str, body: &Value| admin.post_json(&format!("{hook}/{below}"), body).await;
    Ok(match operation {
        "update_webhook" => {
            let request = admin.request(Method::PUT, &hook).json(&json!({ "name": "other" }));
            admin.send(request).await
        }
        "delete_webhook" => admin.delete(&hook).await,
        "rotate_webhook_secret" => post("rotate-secret", &json!({})).await,
        "test_webhook" => post("test", &json!({})).await,
        "send_webhook_example" => {
            post("send-example", &json!({ "event_type": "1c.schedule.sent" })).await
        }
        "recover_deliveries" => post("recover", &json!({ "since": now })).await,
        "enable_webhook" => post("enable", &json!({})).await,
        "retry_delivery" => {
            post("test", &json!({})).await;
            let waits = |one: &Value| one["retry_count"].as_i64().is_some_and(|count| count > 0);
            let delivery = admin.first_when(&format!("{hook}/deliveries"), waits).await;
            let id = delivery["id"].as_str().context("an id")?.to_owned();
            admin.post(&format!("{hook}/deliveries/{id}/retry")).await
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

/// How each operation that changes something is called so that it does. One that is
/// not known here fails the test.
pub async fn change(operation: &str, target: &Target, fresh: &str) -> Result<Answer> {
    let admin = target.admin();
    let (keys, sources) = ("/api/v1/api-keys", "/api/v1/sources");
    let (key, source) = (json!({ "name": fresh }), json!({ "name": fresh, "header": {} }));
    let made = async |path: &str, body: &Value| {
        let made = admin.post_json(path, body).await;
        let id = &made.json["id"];
        let text = id.as_str().unwrap_or(fresh).to_owned();
        format!("{path}/{}", id.as_i64().map_or(text, |id| id.to_string()))
    };
    Ok(match operation {
        "accept_event" => admin.event(&events::role_change(fresh)).await,
        "reprocess_event" => admin.post(&failed_event(target, fresh).await).await,
        "create_api_key" => admin.post_json(keys, &key).await,
        "revoke_api_key" => admin.delete(&made(keys, &key).await).await,
        "toggle_api_key" => admin.patch(&format!("{}/toggle", made(keys, &key).await)).await,
        "reroll_api_key" => {
            let path = format!("{}/reroll", made(keys, &key).await);
            admin.post_json(&path, &json!({})).await
        }
        "create_source" => admin.post_json(sources, &source).await,
        "remove_source" => admin.delete(&made(sources, &source).await).await,
        "toggle_source" => admin.patch(&format!("{}/toggle", made(sources, &source).await)).await,
        "rotate_source" => {
            let path = format!("{}/rotate", made(sources, &source).await);
            admin.post_json(&path, &json!({ "way": "header" })).await
        }
        "create_live_ticket" => admin.post("/live/tickets").await,
        other if workforce::has(other) => workforce::change(other, &admin).await?,
        other if support::has(other) => support::change(other, &admin, fresh).await?,
        other if notifications::has(other) => notifications::change(other, &admin, fresh).await?,
        other if processes::has(other) => processes::change(other, &admin, fresh).await?,
        other if other.contains("tenant") => change_tenant(other, &admin, fresh).await?,
        other if other.contains("pega") => change_pega(other, target).await?,
        "create_connection" => admin.post_json(CONNECTIONS, &new_connection(fresh)).await,
        other if other.contains("connection") => {
            let path = made(CONNECTIONS, &new_connection(fresh)).await;
            change_connection(other, &admin, &path).await?
        }
        other if other.contains("mapping") => {
            let path = made(CONNECTIONS, &new_connection(fresh)).await;
            let path = made(&format!("{path}/mappings"), &new_mapping()).await;
            change_mapping(other, &admin, &path).await?
        }
        other if other.contains("webhook") || other.contains("deliver") => {
            change_webhook(other, &admin, fresh).await?
        }
        other => change_events(other, &admin, fresh).await?,
    })
}

async fn change_tenant(operation: &str, admin: &Caller, fresh: &str) -> Result<Answer> {
    let made = admin.post_json("/api/v1/tenants", &json!({ "id": fresh })).await;
    let verb = async |verb: &str| admin.post(&format!("/api/v1/tenants/{fresh}/{verb}")).await;
    Ok(match operation {
        "create_tenant" => made,
        "suspend_tenant" => verb("suspend").await,
        "resume_tenant" => {
            verb("suspend").await;
            verb("resume").await
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

async fn change_events(operation: &str, admin: &Caller, fresh: &str) -> Result<Answer> {
    Ok(match operation {
        "start_replay" => admin.post_json("/events/replays", &json!({ "reason": fresh })).await,
        "pause_replay" | "resume_replay" | "cancel_replay" => {
            let id = replay(admin).await;
            let verb = operation.trim_end_matches("_replay");
            admin.post(&format!("/events/replays/{id}/{verb}")).await
        }
        "change_rules" => put_rules(admin, "").await,
        "reset_rules" => admin.delete("/pega/rules").await,
        "decide_event" => {
            let path = undecided_event(admin, fresh).await;
            admin.post_json(&path, &json!({ "decision": "approve" })).await
        }
        "tick_item" => {
            let path = format!("/pega/checklists/{}/items/1", checklist(admin).await);
            admin.send(admin.request(Method::PATCH, &path).json(&json!({ "done": true }))).await
        }
        other if enjaz::has(other) => enjaz::change(other, admin).await?,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

/// How each operation that asks Pega for something is called so that it does.
async fn change_pega(operation: &str, target: &Target) -> Result<Answer> {
    let admin = target.admin();
    let case = target.pega.case("HRSR-Work", &json!({})).context("a case type")?;
    let case = format!("/pega/case/{}", percent_encode(&case));
    Ok(match operation {
        "create_pega_case" => {
            admin.post_json("/pega/case", &json!({ "case_type": "HRSR-Work" })).await
        }
        "update_pega_case" => {
            admin.send(admin.request(Method::PUT, &case).json(&json!({ "a": 1 }))).await
        }
        "add_pega_note" => admin.post(&format!("{case}/note?note=fresh")).await,
        "run_pega_action" => admin.post(&format!("{case}/action/Approve")).await,
        "retry_pega_request" => {
            let failed = admin.post_json("/pega/case", &json!({ "case_type": "unknown" })).await;
            let place = failed.header("location").to_owned();
            admin.post(&format!("{place}/retry")).await
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

async fn change_connection(operation: &str, admin: &Caller, path: &str) -> Result<Answer> {
    let put = || admin.request(Method::PUT, path).json(&json!({ "name": "other" }));
    Ok(match operation {
        "update_connection" => admin.send(put()).await,
        "remove_connection" => admin.delete(path).await,
        "test_connection" => admin.post(&format!("{path}/test")).await,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

async fn change_mapping(operation: &str, admin: &Caller, path: &str) -> Result<Answer> {
    let put = || admin.request(Method::PUT, path).json(&json!({ "is_active": false }));
    let (all, _) = path.rsplit_once('/').context("a path")?;
    Ok(match operation {
        "create_mapping" => admin.post_json(all, &new_mapping()).await,
        "update_mapping" => admin.send(put()).await,
        "remove_mapping" => admin.delete(path).await,
        "rollback_mapping" => {
            admin.post_json(&format!("{path}/rollback"), &json!({ "version": 1 })).await
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}
