//! IT support: what is asked, decided, done and told of it.

mod answers;
mod clients;
mod crashes;
mod effects;
mod limits;
mod lists;
mod model;
mod policies;
pub mod steps;
mod stream;
mod tickets;
mod timers;

use serde_json::{Value, json};
use tests::support::{Answer, Caller, Installation, Target, World};

/// What the contract's examples ask for.
pub fn request(kind: &str) -> Value {
    json!({
        "employee_id": "EMP001",
        "request_type": kind,
        "title": "Database Access Request",
        "description": "Need access to customer database",
        "priority": "high",
    })
}

/// Asks for this as the admin; the ticket's id.
pub async fn ask(world: &World, kind: &str) -> String {
    let asked = world.admin().send("POST", "/support/request", request(kind)).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    asked.json["ticket_id"].as_str().expect("an id").to_owned()
}

/// Asks for this, and has its workflow go as far as it goes without a person.
pub async fn asked(world: &World, kind: &str) -> String {
    let id = ask(world, kind).await;
    world.support().await;
    id
}

/// A ticket as it is now.
pub async fn ticket(world: &World, id: &str) -> Value {
    let found = world.admin().get(&format!("/support/tickets/{id}")).await;
    assert_eq!(found.status, 200, "{}", found.text);
    found.json
}

/// Answers what a ticket waits for.
pub async fn answer(world: &World, id: &str, by: &str, approval: bool) -> Answer {
    let body = json!({ "answer": "As asked", "approval": approval, "approver_id": by });
    world.admin().send("POST", &format!("/support/hil/{id}"), body).await
}

/// Answers, which must be taken, and has the workflow go on.
pub async fn answered(world: &World, id: &str, by: &str, approval: bool) -> Value {
    let taken = answer(world, id, by, approval).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    world.support().await;
    ticket(world, id).await
}

/// What happened to a ticket: the types of its events, and the statuses they tell of.
pub async fn history(world: &World, id: &str) -> Vec<String> {
    numbered(&world.admin().get(&format!("/support/events/{id}/history")).await.json)
}

/// The same, of a history as it is answered.
pub fn numbered(history: &Value) -> Vec<String> {
    let events = history["events"].as_array().expect("a list");
    let numbers: Vec<_> = events.iter().map(|event| event["id"].as_i64().unwrap_or(0)).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>(), "no gap, and in order");
    let told = |event: &Value| match event["status"].as_str() {
        Some(status) => status.to_owned(),
        None => event["type"].as_str().expect("a type").to_owned(),
    };
    events.iter().map(told).collect()
}

/// Has the tenant go by these policies.
pub async fn go_by(world: &World, text: &str) {
    let changed = world.admin().send("PUT", "/support/policies", json!({ "text": text })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

/// Posts as the admin of a target, who is let in.
async fn posted(admin: &Caller, path: &str, body: &Value) -> Value {
    let answer = admin.post_json(path, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json
}

/// From a request to its end, as the contract's examples have it.
pub async fn from_end_to_end(target: &Target) {
    let admin = target.admin();
    let asked = posted(&admin, "/support/request", &request("software_access")).await;
    assert_eq!(
        (&asked["status"], &asked["next_action"]),
        (&json!("pending"), &json!("workflow_starting"))
    );
    let id = asked["ticket_id"].as_str().expect("an id");
    let path = format!("/support/tickets/{id}");
    let waiting = admin.get_when(&path, |it| it["status"] == "waiting_for_approval").await;
    assert_eq!(waiting["assessment"]["decision"], "REQUIRES_APPROVAL");
    let approval = json!({
        "answer": "Approved", "approval": true, "approver_id": "MANAGER001",
    });
    let approved = posted(&admin, &format!("/support/hil/{id}"), &approval).await;
    assert_eq!(
        (&approved["decision"], &approved["status"], &approved["next_action"]),
        (&json!("approved"), &json!("in_progress"), &json!("workflow_in_progress"))
    );
    admin.get_when(&path, |it| it["status"] == "waiting_for_user").await;
    let done = json!({ "answer": "Done", "approval": true, "approver_id": "EMP001" });
    posted(&admin, &format!("/support/hil/{id}"), &done).await;
    admin.get_when(&path, |it| it["status"] == "waiting_for_user").await;
    posted(&admin, &format!("/support/hil/{id}"), &done).await;
    let resolved = admin.get_when(&path, |it| it["status"] == "resolved").await;
    assert_eq!(resolved["next_action"], "completed");
    let listed = admin.get("/support/tickets?employee_id=EMP001&status=resolved").await.json;
    assert!(listed["tickets"].to_string().contains(id), "{listed:#}");
    let history = admin.get(&format!("/support/events/{id}/history")).await.json;
    assert_eq!(history["events"][0]["status"], "pending");
}

/// Every flow that needs nothing but a target.
pub async fn all(target: &Target) {
    from_end_to_end(target).await;
    stream::from_end_to_end(target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_holds_on_the_local_process() {
    let installation = Installation::start().await;
    all(&installation.target).await;
    installation.app.stop().await;
}
