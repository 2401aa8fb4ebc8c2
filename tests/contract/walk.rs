//! Walks every operation of the document: nobody is a 401, somebody who may do
//! everything else is a 403, another tenant's object is a 404, and every change is in
//! the audit trail.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Fault;
use tests::support::{
    Answer, Caller, Credential, Installation, Operation, Target, events, operations, second_tenant,
};

use super::notifications;

/// Operations that anybody may call.
const OPEN: [&str; 7] = [
    "show_system",
    "get_health",
    "get_pega_health",
    "show_document",
    "show_docs",
    "show_redoc",
    "find_asset",
];

/// Operations whose answer does not depend on whose tenant an object is in.
const OF_THE_INSTALLATION: [&str; 3] = ["find_tenant", "suspend_tenant", "resume_tenant"];

/// Operations that are called as if they changed something, and change nothing.
const UNCHANGING: [&str; 2] = ["dry_run_mapping", "preview_notification_rule"];

const CONNECTIONS: &str = "/integrations/connections";

/// A connection that leads nowhere.
fn new_connection(name: &str) -> Value {
    json!({ "name": name, "integration_type": "1c", "endpoint_url": "https://1c.invalid",
        "authentication_type": "none", "config": { "retry_attempts": 0 } })
}

fn new_mapping() -> Value {
    json!({ "source_entity": "a", "target_entity": "b", "field_mappings": { "a": "b" } })
}

/// The operations that not anybody may call, each with its permission.
fn guarded() -> Vec<(Operation, String)> {
    let guarded = operations().into_iter().filter(|operation| !OPEN.contains(&&*operation.id));
    guarded
        .map(|operation| {
            assert!(operation.names_a_way_in, "{} names no way in", operation.id);
            let permission = operation.permission.clone();
            let permission = permission.unwrap_or_else(|| panic!("{} is open", operation.id));
            (operation, permission)
        })
        .collect()
}

/// Calls an operation, with each path parameter given by `object`.
async fn call(
    operation: &Operation,
    caller: &Caller,
    object: impl Fn(&str) -> Option<String>,
) -> Result<Answer> {
    let mut path = operation.path.clone();
    while let Some((start, rest)) = path.split_once('{') {
        let (name, end) = rest.split_once('}').context("a parameter")?;
        let value = object(name);
        let value =
            value.with_context(|| format!("no object for {{{name}}} of {}", operation.id))?;
        path = format!("{start}{value}{end}");
    }
    let request = caller.request(operation.method.clone(), &path);
    let request = if operation.has_body { request.json(&json!({})) } else { request };
    Ok(caller.send(request).await)
}

/// An API key of the target with exactly these permissions.
async fn key_with(admin: &Caller, permissions: &[&str]) -> Caller {
    let key = json!({ "name": "walker", "role": "admin", "permissions": permissions });
    let made = admin.post_json("/api/v1/api-keys", &key).await;
    assert_eq!(made.status, 201, "{}", made.text);
    admin.with(Credential::Bearer(made.json["key"].as_str().expect("a key").to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_strangers_and_the_wrong_permission() -> Result<()> {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let me = admin.get("/api/v1/auth/me").await.json;
    let all: Vec<&str> = me["permissions"]
        .as_array()
        .context("permissions")?
        .iter()
        .flat_map(Value::as_str)
        .collect();
    let unknown = functions::access::ApiKey::generate().reveal().to_owned();
    for (operation, permission) in guarded() {
        for credential in [Credential::None, Credential::Bearer(unknown.clone())] {
            let answer =
                call(&operation, &admin.with(credential), |_| Some("1".to_owned())).await?;
            assert_eq!(answer.status, 401, "{}", operation.id);
        }
        if permission == "authenticated" {
            continue;
        }
        assert!(all.contains(&&*permission), "{permission} is no permission");
        let others: Vec<&str> = all.iter().copied().filter(|name| *name != permission).collect();
        let wrong = key_with(&admin, &others).await;
        let answer = call(&operation, &wrong, |_| Some("1".to_owned())).await?;
        assert_eq!(answer.status, 403, "{}", operation.id);
        assert!(answer.text.contains(&permission), "{}", answer.text);
    }
    Ok(())
}

/// One object of each kind, by the path parameter that names it.
async fn objects(admin: &Caller) -> Result<impl Fn(&str) -> Option<String>> {
    let event = admin.event(&events::role_change(&events::new_case())).await.event_id();
    admin.settled(event).await;
    let key = admin.post_json("/api/v1/api-keys", &json!({ "name": "object" })).await;
    let key = key.json["id"].as_i64().context("a key's number")?;
    let source = json!({ "name": "object", "header": {} });
    assert_eq!(admin.post_json("/api/v1/sources", &source).await.status, 201);
    let connection = admin.post_json(CONNECTIONS, &new_connection("object")).await;
    let connection = connection.json["id"].as_str().context("an id")?.to_owned();
    let mappings = format!("{CONNECTIONS}/{connection}/mappings");
    let mapping = admin.post_json(&mappings, &new_mapping()).await;
    let mapping = mapping.json["id"].as_str().context("an id")?.to_owned();
    let hook = webhook(admin, "object").await;
    admin.post(&format!("{hook}/test")).await;
    let delivery = admin.get(&format!("{hook}/deliveries")).await.json[0]["id"].clone();
    let delivery = delivery.as_str().context("a delivery")?.to_owned();
    let since = json!({ "since": shared::web::to_the_second(shared::clock::Clock::system().now_ms() - 60_000) });
    let recovery = admin.post_json(&format!("{hook}/recover"), &since).await.json;
    let recovery = recovery["recovery_id"].as_str().context("a recovery")?.to_owned();
    let hook = hook.rsplit('/').next().context("an id")?.to_owned();
    let (target, rule, notice) = notifications::objects(admin, "object").await?;
    Ok(move |parameter: &str| match parameter {
        "target_id" => Some(target.clone()),
        "rule_id" => Some(rule.clone()),
        "notice_id" => Some(notice.clone()),
        "webhook_id" => Some(hook.clone()),
        "delivery_id" => Some(delivery.clone()),
        "recovery_id" => Some(recovery.clone()),
        "connection_id" => Some(connection.clone()),
        "mapping_id" => Some(mapping.clone()),
        "event_id" => Some(event.to_string()),
        "key_id" => Some(key.to_string()),
        "source_name" => Some("object".to_owned()),
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_reaches_another_tenant_s_objects() -> Result<()> {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let object = objects(&admin).await?;
    // Numbers of the second tenant's own things must not stand in for the first's.
    let stranger = second_tenant(&installation.target).await;
    let mut walked = BTreeSet::new();
    for (operation, _) in guarded() {
        if !operation.path.contains('{') || OF_THE_INSTALLATION.contains(&&*operation.id) {
            continue;
        }
        let own = match operation.method {
            Method::GET => Some(call(&operation, &admin, &object).await?.status),
            _ => None,
        };
        assert!(own.is_none_or(|status| status == 200), "{} of its own: {own:?}", operation.id);
        let answer = call(&operation, &stranger, &object).await?;
        // A body that is refused before anything is looked for tells nothing either.
        let hidden = answer.status == 404 || (operation.has_body && answer.status == 422);
        assert!(hidden, "{}: {} {}", operation.id, answer.status, answer.text);
        walked.insert(operation.id);
    }
    assert!(walked.len() >= 8, "only {walked:?}");
    for (operation, permission) in guarded() {
        if operation.method != Method::GET {
            continue;
        }
        if operation.path.contains('{') || permission == "installation.admin" {
            continue;
        }
        let answer = call(&operation, &stranger, &object).await?;
        assert_eq!(answer.status, 200, "{}", operation.id);
        for foreign in ["\"object\"", "caseId", "source:pega"] {
            assert!(!answer.text.contains(foreign), "{} shows {foreign}", operation.id);
        }
    }
    Ok(())
}

const WEBHOOKS: &str = "/integrations/webhooks";

/// The path of a new webhook, whose address nobody listens at.
async fn webhook(admin: &Caller, name: &str) -> String {
    let new = json!({"name": name, "url": "http://127.0.0.1:9/", "event_types": ["1c.*"]});
    let made = admin.post_json(WEBHOOKS, &new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    format!("{WEBHOOKS}/{}", made.json["id"].as_str().expect("an id"))
}

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
async fn change(operation: &str, target: &Target, fresh: &str) -> Result<Answer> {
    let admin = target.admin();
    let (keys, sources, tenants) = ("/api/v1/api-keys", "/api/v1/sources", "/api/v1/tenants");
    let (key, source, tenant) =
        (json!({ "name": fresh }), json!({ "name": fresh, "header": {} }), json!({ "id": fresh }));
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
        "create_tenant" => admin.post_json(tenants, &tenant).await,
        "suspend_tenant" => admin.post(&format!("{}/suspend", made(tenants, &tenant).await)).await,
        "resume_tenant" => {
            let path = made(tenants, &tenant).await;
            admin.post(&format!("{path}/suspend")).await;
            admin.post(&format!("{path}/resume")).await
        }
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
        other if notifications::has(other) => notifications::change(other, &admin, fresh).await?,
        other => change_webhook(other, &admin, fresh).await?,
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

/// Where an event of this case is driven anew that failed.
async fn failed_event(target: &Target, case: &str) -> String {
    let refusal = Fault::Answer(StatusCode::FORBIDDEN, String::new());
    target.pega.faults.plan("POST", "/messages", 1, refusal);
    let event = target.admin().event(&events::high_risk(case)).await.event_id();
    target.admin().settled(event).await;
    format!("/events/{event}/reprocess")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_in_the_audit_trail_under_its_correlation_id() -> Result<()> {
    let installation = Installation::start().await;
    let admin = installation.admin();
    for (operation, _) in guarded() {
        if operation.method == Method::GET || UNCHANGING.contains(&&*operation.id) {
            continue;
        }
        let fresh = format!("w-{}", &shared::ids::unique()[..12]);
        let answer = change(&operation.id, &installation.target, &fresh).await?;
        assert!((200..300).contains(&answer.status), "{}: {}", operation.id, answer.text);
        let corr = answer.header("x-correlation-id");
        let path = format!("/api/v1/audit-logs?correlation_id={corr}");
        let entries = admin.get(&path).await.json;
        let entries = entries.as_array().context("entries")?;
        assert_eq!(entries.len(), 1, "{}: {entries:?}", operation.id);
        assert!(entries[0]["actor"].as_str().is_some_and(|actor| actor.starts_with("key:")));
    }
    Ok(())
}
