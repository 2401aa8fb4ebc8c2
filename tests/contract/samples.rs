//! One object of each kind, made as a caller makes it.

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::web::percent_encode;
use simulators::Fault;
use simulators::pega::Pega;
use tests::support::{Answer, Caller, Target, events};

use super::{enjaz, notifications, processes, support, workforce};

pub const CONNECTIONS: &str = "/integrations/connections";

/// A connection that leads nowhere.
pub fn new_connection(name: &str) -> Value {
    json!({ "name": name, "integration_type": "1c", "endpoint_url": "https://1c.invalid",
        "authentication_type": "none", "config": { "retry_attempts": 0 } })
}

pub fn new_mapping() -> Value {
    json!({ "source_entity": "a", "target_entity": "b", "field_mappings": { "a": "b" } })
}

pub const WEBHOOKS: &str = "/integrations/webhooks";

/// The path of a new webhook, whose address nobody listens at.
pub async fn webhook(admin: &Caller, name: &str) -> String {
    let new = json!({"name": name, "url": "http://127.0.0.1:9/", "event_types": ["1c.*"]});
    let made = admin.post_json(WEBHOOKS, &new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    format!("{WEBHOOKS}/{}", made.json["id"].as_str().expect("an id"))
}

/// A recovery of a webhook; its id.
async fn recovery(admin: &Caller, hook: &str) -> Result<String> {
    let since = shared::web::to_the_second(shared::clock::Clock::system().now_ms() - 60_000);
    let begun = admin.post_json(&format!("{hook}/recover"), &json!({ "since": since })).await;
    Ok(begun.json["recovery_id"].as_str().context("a recovery")?.to_owned())
}

/// One object of each kind, by the path parameter that names it.
pub async fn objects(admin: &Caller, pega: &Pega) -> Result<impl Fn(&str) -> Option<String>> {
    let event = admin.event(&events::role_change(&events::new_case())).await.event_id();
    admin.settled(event).await;
    put_rules(admin, "").await;
    let list = checklist(admin).await;
    let replay = replay(admin).await;
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
    let recovery = recovery(admin, &hook).await?;
    let hook = hook.rsplit('/').next().context("an id")?.to_owned();
    let case = percent_encode(&pega.case("HRSR-Work", &json!({})).context("a case type")?);
    let note = admin.post(&format!("/pega/case/{case}/note?note=object")).await;
    let request = note.header("location").rsplit('/').next().context("a number")?.to_owned();
    let (target, rule, notice) = notifications::objects(admin, "object").await?;
    let of_others = others(admin).await?;
    Ok(move |parameter: &str| match parameter {
        "target_id" => Some(target.clone()),
        "rule_id" => Some(rule.clone()),
        "notice_id" => Some(notice.clone()),
        "checklist_id" => Some(list.clone()),
        "replay_id" => Some(replay.clone()),
        "number" | "version" => Some("1".to_owned()),
        "case_id" => Some(case.clone()),
        "action_id" => Some("Approve".to_owned()),
        "request_id" => Some(request.clone()),
        "webhook_id" => Some(hook.clone()),
        "delivery_id" => Some(delivery.clone()),
        "recovery_id" => Some(recovery.clone()),
        "connection_id" => Some(connection.clone()),
        "mapping_id" => Some(mapping.clone()),
        "event_id" => Some(event.to_string()),
        "key_id" => Some(key.to_string()),
        "source_name" => Some("object".to_owned()),
        other => of_others(other),
    })
}

/// The objects of the domains that make theirs themselves.
async fn others(admin: &Caller) -> Result<impl Fn(&str) -> Option<String> + use<>> {
    let of_processes = processes::objects(admin).await?;
    let of_support = support::objects(admin).await?;
    let of_workforce = workforce::objects(admin).await?;
    let of_enjaz = enjaz::objects(admin).await?;
    Ok(move |of: &str| {
        let one = of_support(of).or_else(|| of_processes(of));
        one.or_else(|| of_workforce(of)).or_else(|| of_enjaz(of))
    })
}

/// Makes these the tenant's rules.
pub async fn put_rules(admin: &Caller, text: &str) -> Answer {
    let request = admin.request(Method::PUT, "/pega/rules").json(&json!({ "text": text }));
    admin.send(request).await
}

/// A replay that goes on.
pub async fn replay(admin: &Caller) -> String {
    for _ in 0..3 {
        let body = json!({ "caseId": events::new_case(), "event": "unheard_of" });
        let event = admin.event(&body).await.event_id();
        admin.get_when(&format!("/events/{event}"), |e| !e["processed_at"].is_null()).await;
    }
    let body = json!({ "reason": "object", "status": "ignored", "pace": 1 });
    let made = admin.post_json("/events/replays", &body).await;
    assert_eq!(made.status, 202, "{}", made.text);
    made.json["id"].as_str().expect("an id").to_owned()
}

/// A checklist, by the rules of the installation.
pub async fn checklist(admin: &Caller) -> String {
    assert_eq!(admin.delete("/pega/rules").await.status, 200);
    let event = json!({ "caseId": events::new_case(), "event": "employee_onboarding" });
    let event = admin.event(&event).await.event_id();
    let event = admin.settled(event).await;
    let id = event["processing_result"]["steps"][0]["detail"].as_str();
    id.expect("a checklist").to_owned()
}

/// Where an event of this case is decided about.
pub async fn undecided_event(admin: &Caller, case: &str) -> String {
    let rules = "[events.role_change.risk]\ndecide_above = 0\n\
        factors = [{ field = \"employeeId\", points = 1 }]";
    assert_eq!(put_rules(admin, rules).await.status, 200);
    let event = admin.event(&events::role_change(case)).await.event_id();
    admin.get_when(&format!("/events/{event}"), |e| e["status"] == "requires_action").await;
    assert_eq!(admin.delete("/pega/rules").await.status, 200);
    format!("/events/{event}/decision")
}

/// Where an event of this case is driven anew that failed.
pub async fn failed_event(target: &Target, case: &str) -> String {
    let refusal = Fault::Answer(StatusCode::FORBIDDEN, String::new());
    target.pega.faults.plan("POST", "/messages", 1, refusal);
    let event = target.admin().event(&events::high_risk(case)).await.event_id();
    target.admin().settled(event).await;
    format!("/events/{event}/reprocess")
}
