//! What follows from an event is done by whom the rules name, once, and only what has
//! happened is told as an action.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::receiver::Receiver;
use simulators::{Fault, slack::Slack};
use tests::support::{Caller, Installation, World, events};

/// Rules in which a step has an effect.
pub async fn with_effect(admin: &Caller, steps: &[(&str, &str)]) {
    let held = admin.get("/pega/rules").await.json;
    let mut text = held["text"].as_str().expect("a file").to_owned();
    for (line, effect) in steps {
        assert!(text.contains(line), "no {line}");
        text = text.replacen(line, &format!("{line}\n{effect}"), 1);
    }
    change_rules(admin, &text).await;
}

/// Makes these the rules.
pub async fn change_rules(admin: &Caller, text: &str) {
    let request = admin.request(Method::PUT, "/pega/rules").json(&json!({ "text": text }));
    let answer = admin.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// A connection to this address.
async fn connection(admin: &Caller, url: &str) -> String {
    let new = json!({
        "name": shared::ids::unique(), "integration_type": "webhook", "endpoint_url": url,
        "authentication_type": "none", "config": { "retry_attempts": 0, "timeout_seconds": 5 },
    });
    let made = admin.post_json("/integrations/connections", &new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["id"].as_str().expect("an id").to_owned()
}

fn change() -> Value {
    json!({
        "caseId": events::new_case(), "event": "department_change", "employeeId": "E 1/2",
        "oldDepartment": "Sales", "newDepartment": "Marketing",
    })
}

const BADGE: &str = "to_do = \"Update badge access for department {newDepartment}\"";
const DIRECTORY: &str = "to_do = \"Update employee directory for {employeeId}\"";

fn call_to(connection: &str, more: &str) -> String {
    format!(
        r#"effect = {{ connection = "{connection}", method = "PUT", path = "/badges/{{employeeId}}"{more} }}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_behind_a_connection_does_a_step() {
    let (installation, badges) =
        (Installation::start().await, Receiver::start().await.expect("a system"));
    let admin = installation.admin();
    let id = connection(&admin, &badges.url()).await;
    let body = r#", body = { to = "{newDepartment}", who = ["{employeeId}!"], n = 1 }"#;
    with_effect(&admin, &[(BADGE, &call_to(&id, body)), (DIRECTORY, &call_to(&id, ""))]).await;
    let number = admin.event(&change()).await.event_id();
    let event = admin.settled(number).await;
    let result = &event["processing_result"];
    let actions = json!([
        "Updated employee directory for E 1/2",
        "Updated badge access for department Marketing",
    ]);
    assert_eq!(result["actions_taken"], actions, "{event:#}");
    assert_eq!(result["steps"][0]["detail"], "HTTP 204");
    assert_eq!(result["steps"][2]["status"], "to_do");
    let calls = badges.taken();
    assert_eq!(calls.len(), 2);
    let told = calls[0].json();
    assert_eq!((&told["step"], &told["event_id"]), (&json!("directory"), &json!(number)));
    assert_eq!(told["payload"]["newDepartment"], "Marketing");
    assert_eq!((&*calls[1].method, &*calls[1].path), ("PUT", "/badges/E%201%2F2"));
    assert_eq!(calls[1].json(), json!({ "to": "Marketing", "who": ["E 1/2!"], "n": 1 }));
    let keys: Vec<_> = calls.iter().map(|call| call.header("idempotency-key")).collect();
    assert!(keys[0] != keys[1] && keys.iter().all(|key| !key.is_empty()), "{keys:?}");
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_may_have_happened_is_repeated_only_where_its_key_is_known() {
    let (installation, badges) =
        (Installation::start().await, Receiver::start().await.expect("a system"));
    let admin = installation.admin();
    let id = connection(&admin, &badges.url()).await;
    for (more, status, calls) in [("", "processed", 2), (", repeat = false", "failed", 1)] {
        let answer = admin.send(admin.request(Method::DELETE, "/pega/rules")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        with_effect(&admin, &[(BADGE, &call_to(&id, more))]).await;
        badges.faults.plan("PUT", "/badges/E%201%2F2", 1, Fault::DoneThenCut);
        let before = badges.taken().len();
        let number = admin.event(&change()).await.event_id();
        let event = admin.settled(number).await;
        assert_eq!(event["status"], status, "{event:#}");
        let made = badges.taken().split_off(before);
        assert_eq!(made.len(), calls, "{status}");
        let first = made[0].header("idempotency-key");
        assert!(made.iter().all(|call| call.header("idempotency-key") == first));
        let message = &event["processing_result"]["message"];
        if status == "failed" {
            let told = message.as_str().expect("a message");
            assert!(told.starts_with("step badge: unknown outcome"), "{told}");
        }
    }
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_goes_on_where_a_step_was_refused() {
    let (installation, badges) =
        (Installation::start().await, Receiver::start().await.expect("a system"));
    let admin = installation.admin();
    let id = connection(&admin, &badges.url()).await;
    let directory =
        format!(r#"effect = {{ connection = "{id}", method = "POST", path = "/directory" }}"#);
    with_effect(&admin, &[(DIRECTORY, &directory), (BADGE, &call_to(&id, ""))]).await;
    let refusal = Fault::Answer(StatusCode::FORBIDDEN, String::new());
    badges.faults.plan("PUT", "/badges/E%201%2F2", 1, refusal);
    let number = admin.event(&change()).await.event_id();
    let event = admin.settled(number).await;
    assert_eq!(event["status"], "failed", "{event:#}");
    let told = event["processing_result"]["message"].as_str().expect("a message");
    assert!(told.starts_with("step badge: ") && told.contains("403"), "{told}");
    admin.post(&format!("/events/{number}/reprocess")).await;
    let event = admin.settled(number).await;
    assert_eq!(event["status"], "processed", "{event:#}");
    let paths: Vec<_> = badges.taken().into_iter().map(|call| call.path).collect();
    assert_eq!(paths, ["/directory", "/badges/E%201%2F2"], "the first step was done once");
    let history = admin.get(&format!("/events/{number}/history")).await.json;
    let what: Vec<_> =
        history.as_array().expect("a list").iter().map(|entry| &entry["what"]).collect();
    assert_eq!(what, ["attempt_failed", "reprocessed"], "{history:#}");
    assert_eq!(history[0]["details"]["last"], true);
    assert!(history[1]["by"].as_str().expect("who").starts_with("key:"), "{history:#}");
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_handed_a_step() {
    let (installation, badges) =
        (Installation::start().await, Receiver::start().await.expect("a receiver"));
    let admin = installation.admin();
    let hook = |name: &str| {
        json!({ "name": name, "url": format!("{}/hook", badges.url()),
        "event_types": ["pega.step.requested"] })
    };
    let other = admin.post_json("/integrations/webhooks", &hook("Others")).await.json;
    let other = other["id"].as_str().expect("an id").to_owned();
    let new = hook("Badges");
    let made = admin.post_json("/integrations/webhooks", &new).await.json;
    let id = made["id"].as_str().expect("an id").to_owned();
    badges.check(&[made["secret"].as_str().expect("a secret")]);
    with_effect(&admin, &[(BADGE, &format!(r#"effect = {{ webhook = "{id}" }}"#))]).await;
    let number = admin.event(&change()).await.event_id();
    let event = admin.settled(number).await;
    let line = format!("Update badge access for department Marketing: handed over to webhook {id}");
    assert_eq!(event["processing_result"]["actions_taken"], json!([line]), "{event:#}");
    assert_eq!(event["processing_result"]["steps"][1]["status"], "handed_over");
    let taken = badges.took(1).await;
    assert_eq!(taken[0].json()["payload"]["step"], "badge");
    let messages = admin.get(&format!("/integrations/webhooks/{other}/deliveries")).await.json;
    assert_eq!(messages, json!([]), "nobody else is asked to do it");
    // One that is disabled does nothing, and nobody says it did.
    let disable = admin.request(Method::PUT, &format!("/integrations/webhooks/{id}"));
    admin.send(disable.json(&json!({ "is_active": false }))).await;
    let number = admin.event(&change()).await.event_id();
    let event = admin.settled(number).await;
    assert_eq!(event["status"], "failed", "{event:#}");
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_event_says_leads_a_call_nowhere_else() {
    let (installation, badges) =
        (Installation::start().await, Receiver::start().await.expect("a system"));
    let admin = installation.admin();
    let id = connection(&admin, &badges.url()).await;
    with_effect(&admin, &[(BADGE, &call_to(&id, ""))]).await;
    for employee in [json!(".."), json!("."), json!(""), json!(null), json!({ "a": 1 })] {
        let mut body = change();
        body["employeeId"] = employee.clone();
        let event = admin.settled(admin.event(&body).await.event_id()).await;
        assert_eq!(event["status"], "failed", "{employee}: {event:#}");
        let told = event["processing_result"]["message"].as_str().expect("a message");
        assert!(told.starts_with("step badge: employeeId must not be empty"), "{told}");
    }
    let mut body = change();
    body["employeeId"] = "x".repeat(300).into();
    admin.settled(admin.event(&body).await.event_id()).await;
    let paths: Vec<_> = badges.taken().into_iter().map(|call| call.path).collect();
    assert_eq!(paths, [format!("/badges/{}", "x".repeat(300))]);
    installation.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn done_again_on_purpose_a_step_has_another_key() {
    let (installation, badges) =
        (Installation::start().await, Receiver::start().await.expect("a system"));
    let admin = installation.admin();
    let id = connection(&admin, &badges.url()).await;
    with_effect(&admin, &[(BADGE, &call_to(&id, ""))]).await;
    let number = admin.event(&change()).await.event_id();
    admin.settled(number).await;
    let again = json!({ "status": "processed", "afresh": true, "reason": "lost badges" });
    let made = admin.post_json("/events/replays", &again).await;
    assert_eq!(made.status, 202, "{}", made.text);
    let calls = badges.took(2).await;
    assert_ne!(calls[0].header("idempotency-key"), calls[1].header("idempotency-key"));
    let history = admin.get(&format!("/events/{number}/history")).await.json;
    let before = &history[0]["details"]["before"];
    assert_eq!(before["status"], "processed", "{history:#}");
    assert_eq!(before["progress"]["steps"]["badge"]["detail"], "HTTP 204");
    installation.app.stop().await;
}

#[tokio::test]
async fn people_are_told_of_a_step() {
    let (world, slack) =
        (World::beside_its_targets(&[]).await, Slack::start().await.expect("a Slack"));
    let admin = world.admin();
    let new = json!({ "name": "facilities", "kind": "slack", "url": slack.webhook("facilities") });
    let made = admin.send("POST", "/api/v1/notifications/targets", new).await;
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let rules = format!(
        "[[events.department_change.steps]]\nname = \"badge\"\ndone = \"d\"\n\
         to_do = \"Change the badge of {{employeeId}}\"\n\
         effect = {{ notify = \"{id}\", severity = \"warning\" }}"
    );
    let answer = admin.send("PUT", "/pega/rules", json!({ "text": rules })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    admin.send("POST", "/webhook/pega", change()).await;
    world.work().await;
    world.notify().await;
    let event = admin.get("/events/1").await.json;
    let line = format!("Change the badge of E 1/2: handed over to notification target {id}");
    assert_eq!(event["processing_result"]["actions_taken"], json!([line]), "{event:#}");
    let told = slack.texts("facilities").join("\n");
    assert_eq!(told.matches("Change the badge of E 1/2").count(), 1, "{told}");
}
