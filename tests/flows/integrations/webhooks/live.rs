//! Webhooks over real sockets, against any installation.

use axum::http::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::receiver::Receiver;
use tests::support::{Installation, Target, events};

use super::WEBHOOKS;

/// Every flow of webhooks that needs nothing but a target whose private targets are open.
pub async fn all(target: &Target) {
    signed_deliveries_through_a_rotation(target).await;
    a_retry_in_its_time(target).await;
    nobody_else_s_webhooks(target).await;
}

async fn webhook(target: &Target, receiver: &Receiver, more: Value) -> Value {
    let mut new = json!({"name": "live", "url": format!("{}/hook", receiver.url())});
    new["event_types"] = json!(["pega.*"]);
    for (name, value) in more.as_object().expect("members") {
        new[name] = value.clone();
    }
    let made = target.admin().post_json(WEBHOOKS, &new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json
}

/// The receiver takes nothing but what Standard Webhooks' own library verifies.
async fn signed_deliveries_through_a_rotation(target: &Target) {
    let (admin, receiver) = (target.admin(), Receiver::start().await.expect("a receiver"));
    let webhook = webhook(target, &receiver, json!({})).await;
    let first = webhook["secret"].as_str().expect("a secret").to_owned();
    receiver.check(&[&first]);
    let case = events::new_case();
    let event = admin.event(&events::role_change(&case)).await.event_id();
    let taken = receiver.took(2).await;
    let mut kinds: Vec<_> = taken.iter().map(|one| one.json()["event_type"].clone()).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["pega.event.processed", "pega.event.received"]);
    assert!(taken.iter().all(|one| one.json()["payload"]["event_id"] == event));

    let path = format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"));
    let renewed = admin.post_json(&format!("{path}/rotate-secret"), &json!({})).await;
    let second = renewed.json["secret"].as_str().expect("a secret").to_owned();
    // Whoever has not changed over yet takes it as well as whoever has.
    for (taken, secret) in [(4, &first), (6, &second)] {
        receiver.check(&[secret]);
        admin.event(&events::role_change(&case)).await.event_id();
        receiver.took(taken).await;
    }
    assert_eq!(admin.delete(&path).await.status, 200);
}

async fn a_retry_in_its_time(target: &Target) {
    let (admin, receiver) = (target.admin(), Receiver::start().await.expect("a receiver"));
    let types = json!({"event_types": ["pega.event.received"], "retry_delay_seconds": 1});
    let webhook = webhook(target, &receiver, types).await;
    let refusal = Fault::Answer(StatusCode::BAD_GATEWAY, "not now".to_owned());
    receiver.faults.plan("POST", "/hook", 1, refusal);
    admin.event(&events::role_change(&events::new_case())).await.event_id();
    receiver.took(1).await;
    let path = format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"));
    let delivered = |one: &Value| one["delivery_status"] == "delivered";
    let delivery = admin.first_when(&format!("{path}/deliveries"), delivered).await;
    let one = format!("{path}/deliveries/{}", delivery["id"].as_str().expect("an id"));
    let attempts = admin.get(&one).await.json["attempts"].clone();
    assert_eq!(attempts.as_array().map(Vec::len), Some(2), "{attempts}");
    assert_eq!(attempts[0]["response_body"], "not now");
    let counted = admin.get(&path).await.json;
    assert_eq!((&counted["success_count"], &counted["failure_count"]), (&json!(1), &json!(1)));
    let again = format!("/api/v1{path}/");
    assert_eq!(admin.get(&again).await.json["id"], webhook["id"]);
    assert_eq!(admin.delete(&path).await.status, 200);
}

async fn nobody_else_s_webhooks(target: &Target) {
    let (admin, receiver) = (target.admin(), Receiver::start().await.expect("a receiver"));
    let webhook = webhook(target, &receiver, json!({})).await;
    let stranger = tests::support::second_tenant(target).await;
    let path = format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"));
    assert_eq!(stranger.get(&path).await.status, 404);
    assert_eq!(stranger.get(WEBHOOKS).await.json, json!([]));
    let event = stranger.event(&events::role_change(&events::new_case())).await.event_id();
    stranger.settled(event).await;
    admin.event(&events::role_change(&events::new_case())).await.event_id();
    let taken = receiver.took(2).await;
    assert_eq!(taken.len(), 2, "of this tenant alone");
    assert_eq!(admin.delete(&path).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_delivered_by_a_local_process() {
    let installation = Installation::start().await;
    all(&installation.target).await;
}
