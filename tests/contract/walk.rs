//! Walks every operation of the document: nobody is a 401, somebody who may do
//! everything else is a 403, another tenant's object is a 404, and every change is in
//! the audit trail.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{
    Answer, Caller, Credential, Installation, Operation, operations, second_tenant,
};

use super::changes::change;
use super::enjaz;
use super::personnel::has_none;
use super::samples::objects;

/// Operations that anybody may call.
const OPEN: [&str; 8] = [
    "show_system",
    "get_health",
    "get_pega_health",
    "support_health",
    "show_document",
    "show_docs",
    "show_redoc",
    "find_asset",
];

/// Operations whose answer does not depend on whose tenant an object is in.
const OF_THE_INSTALLATION: [&str; 3] = ["find_tenant", "suspend_tenant", "resume_tenant"];

/// Operations that answer an empty list when there is no such object.
const EMPTY: [&str; 2] = ["list_steps", "list_rerunnable_steps"];

/// Operations that list nothing unless they are asked for something.
const ASKED: [(&str, &str); 8] = [
    ("search_runs", "/api/v1/runs/search?q=object"),
    ("get_service_group_data", OF_A_DAY[0]),
    ("get_agent_status_data", OF_A_DAY[1]),
    ("get_agent_login_data", OF_A_DAY[2]),
    ("get_agent_calls_data", OF_A_DAY[3]),
    ("get_agent_chats_work_time", OF_A_DAY[4]),
    ("list_onec_facts", "/integrations/1c/facts?state=unknown"),
    (
        "list_onec_deviations",
        "/integrations/1c/deviations?start_date=2018-01-01&end_date=2018-01-31",
    ),
];

/// Operations that ask another system, which is not there.
const FAR: [&str; 1] = ["list_onec_agents"];

/// What was at a contact centre on a day.
const OF_A_DAY: [&str; 5] = [
    "/integrations/cc/historic/serviceGroupData?start_date=2026-06-01&end_date=2026-06-02",
    "/integrations/cc/historic/agentStatusData?start_date=2026-06-01&end_date=2026-06-02",
    "/integrations/cc/historic/agentLoginData?start_date=2026-06-01&end_date=2026-06-02",
    "/integrations/cc/historic/agentCallsData?start_date=2026-06-01&end_date=2026-06-02",
    "/integrations/cc/historic/agentChatsWorkTime?start_date=2026-06-01&end_date=2026-06-02",
];

/// Operations that are called as if they changed something, and change nothing.
const UNCHANGING: [&str; 7] = [
    "validate_contact_center_data",
    "dry_run_mapping",
    "preview_notification_rule",
    "try_rules",
    "try_policies",
    "get_onec_norm_hours",
    "get_onec_timetype_info",
];

/// Operations that machines call thousands of times a second: what they change is its own
/// record, and nothing of it is in the trail.
const OF_MACHINES: [&str; 1] = ["push_agent_status"];

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
        // Cases and synchronisations are others there.
        let value = match enjaz::has(&operation.id) {
            true => object(&format!("enjaz {name}")),
            false => object(name),
        };
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
        let named: Vec<&str> = permission.split(" or ").collect();
        assert!(named.iter().all(|name| all.contains(name)), "{permission} is no permission");
        let others: Vec<&str> = all.iter().copied().filter(|name| !named.contains(name)).collect();
        let wrong = key_with(&admin, &others).await;
        let answer = call(&operation, &wrong, |_| Some("1".to_owned())).await?;
        assert_eq!(answer.status, 403, "{}", operation.id);
        assert!(answer.text.contains(&permission), "{}", answer.text);
        for one in named.iter().filter(|_| named.len() > 1) {
            let right = key_with(&admin, &[one]).await;
            let answer = call(&operation, &right, |_| Some("1".to_owned())).await?;
            assert_ne!(answer.status, 403, "{} with {one}", operation.id);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_reaches_another_tenant_s_objects() -> Result<()> {
    let installation = Installation::start().await;
    let admin = installation.admin();
    let object = objects(&admin, &installation.target.pega).await?;
    // Numbers of the second tenant's own things must not stand in for the first's.
    let stranger = second_tenant(&installation.target).await;
    let mut walked = BTreeSet::new();
    for (operation, _) in guarded() {
        if !operation.path.contains('{') || OF_THE_INSTALLATION.contains(&&*operation.id) {
            continue;
        }
        let own = match operation.method {
            Method::GET if !FAR.contains(&&*operation.id) => {
                Some(call(&operation, &admin, &object).await?.status)
            }
            _ => None,
        };
        assert!(own.is_none_or(|status| status == 200), "{} of its own: {own:?}", operation.id);
        let answer = call(&operation, &stranger, &object).await?;
        // A body that is refused before anything is looked for tells nothing either.
        // And a tenant that has no Pega is told so, whatever the case.
        let has_none = answer.json["detail"] == "Pega client not configured";
        let hidden = answer.status == 404
            || (operation.has_body && answer.status == 422)
            || (EMPTY.contains(&&*operation.id) && answer.json == json!([]))
            || (has_none && operation.path.starts_with("/pega/case"));
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
        let answer = match ASKED.iter().find(|(id, _)| *id == operation.id) {
            Some((_, path)) => stranger.get(path).await,
            None => call(&operation, &stranger, &object).await?,
        };
        assert!(answer.status == 200 || has_none(&answer), "{}", operation.id);
        for foreign in ["\"object\"", "caseId", "source:pega", "CASE-2024"] {
            assert!(!answer.text.contains(foreign), "{} shows {foreign}", operation.id);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_in_the_audit_trail_under_its_correlation_id() -> Result<()> {
    let installation = Installation::start().await;
    let admin = installation.admin();
    for (operation, _) in guarded() {
        let id = &&*operation.id;
        let is_recorded = !UNCHANGING.contains(id) && !OF_MACHINES.contains(id);
        if operation.method == Method::GET || !is_recorded {
            continue;
        }
        let fresh = format!("w-{}", &shared::ids::unique()[..12]);
        let answer = change(&operation.id, &installation.target, &fresh).await?;
        assert!((200..300).contains(&answer.status), "{}: {}", operation.id, answer.text);
        let corr = answer.header("x-correlation-id");
        let path = format!("/api/v1/audit-logs?correlation_id={corr}");
        let entries = admin.get(&path).await.json;
        let entries = entries.as_array().context("entries")?;
        // What goes on after the answer has an entry of its own, and nothing has two.
        let actions = entries.iter().map(|entry| entry["action"].as_str());
        let actions: std::collections::BTreeSet<_> = actions.collect();
        assert!(!entries.is_empty(), "{} is not recorded", operation.id);
        assert_eq!(actions.len(), entries.len(), "{}: {entries:?}", operation.id);
        assert!(entries[0]["actor"].as_str().is_some_and(|actor| actor.starts_with("key:")));
    }
    Ok(())
}
