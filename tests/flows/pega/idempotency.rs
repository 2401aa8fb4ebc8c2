//! The same event twice: under a key, at the same instant, as a CloudEvent, and
//! without anything to tell it by.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::support::{Credential, Installation, SENDER, Target, events};

/// A repeat answers as the first did; another body under the key is refused.
pub async fn repeats(target: &Target) {
    let admin = target.admin();
    for place in ["idempotency-key", "webhook-id", "x-request-id", "body"] {
        let key = shared::ids::unique();
        let mut body = events::role_change(&events::new_case());
        let send = async |body: &Value| {
            let request = admin.webhook(body);
            let keyed = if place == "body" { request } else { request.header(place, &key) };
            admin.send(keyed).await
        };
        if place == "body" {
            body["eventId"] = key.clone().into();
        }
        let first = send(&body).await;
        let repeat = send(&body).await;
        assert_eq!(repeat.json, first.json, "{place}");
        assert_eq!(first.header("idempotent-replayed"), "", "{place}");
        assert_eq!(repeat.header("idempotent-replayed"), "true", "{place}");
        body["newRole"] = "Director".into();
        let other = send(&body).await;
        assert_eq!(other.status, 422, "{place}: {}", other.json);
        assert_eq!(other.json["errors"][0]["field"], "idempotency key", "{place}");
        // The refused repeat left nothing behind.
        let case = body["caseId"].as_str().expect("a case").replace(' ', "%20");
        let stored = admin.get(&format!("/events?case_id={case}")).await;
        assert_eq!(stored.json.as_array().map(Vec::len), Some(1), "{place}");
    }
}

/// Sixteen repeats at the same instant are one event.
pub async fn same_instant(target: &Target) {
    let (admin, key) = (target.admin(), shared::ids::unique());
    let body = events::high_risk(&events::new_case());
    let answers = join_all((0..16).map(|_| admin.event_with_key(&key, &body))).await;
    let ids: HashSet<i64> = answers.iter().map(|answer| answer.event_id()).collect();
    assert_eq!(ids.len(), 1);
    admin.settled(*ids.iter().next().expect("one")).await;
    let case = body["caseId"].as_str().expect("a case");
    assert_eq!(target.pega.notes_on(case).len(), 1);
}

/// Different events of one case at the same instant are all accepted, and chained in
/// the order of their numbers.
pub async fn one_case_at_once(target: &Target, count: usize) {
    let (admin, case) = (target.admin(), events::new_case());
    let body = events::role_change(&case);
    let answers = join_all((0..count).map(|_| admin.event(&body))).await;
    let mut ids: Vec<i64> = answers.iter().map(|answer| answer.event_id()).collect();
    ids.sort_unstable();
    for (id, before) in ids.iter().skip(1).zip(&ids) {
        assert_eq!(admin.settled(*id).await["follows"], json!(before));
    }
    let path = format!("/events?limit=100&case_id={}", case.replace(' ', "%20"));
    let listed = admin.get(&path).await.json;
    let listed = listed.as_array().expect("a list").iter().map(|event| event["id"].as_i64());
    assert!(listed.rev().eq(ids.into_iter().map(Some)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_on_one_case_is_accepted() {
    let installation = Installation::start().await;
    one_case_at_once(&installation.target, 100).await;
    installation.app.stop().await;
}

/// Two senders that count alike do not meet, nor do a sender and a key.
pub async fn each_sender_counts_its_own(target: &Target) {
    let (admin, key) = (target.admin(), shared::ids::unique());
    let (user, password) = SENDER;
    let sender = admin.with(Credential::Basic(user.to_owned(), password.to_owned()));
    let first = admin.event_with_key(&key, &events::role_change(&events::new_case())).await;
    let other = events::role_change(&events::new_case());
    let second = sender.event_with_key(&key, &other).await;
    assert_ne!(first.event_id(), second.event_id());
    assert_eq!(sender.event_with_key(&key, &other).await.event_id(), second.event_id());
}

/// A repeat takes no number, so the newest events stay where they are found.
pub async fn repeats_take_no_numbers(target: &Target) {
    let (admin, key) = (target.admin(), shared::ids::unique());
    let body = events::role_change(&events::new_case());
    let first = admin.event_with_key(&key, &body).await.event_id();
    for _ in 0..20 {
        assert_eq!(admin.event_with_key(&key, &body).await.event_id(), first);
    }
    let next = admin.event(&events::role_change(&events::new_case())).await.event_id();
    assert_eq!(next, first + 1);
}

/// A CloudEvent in both modes: mapped, and known again by source and id.
pub async fn cloud_events(target: &Target) {
    let (admin, case, id) = (target.admin(), events::new_case(), shared::ids::unique());
    let data = json!({"employeeId": "EMP005", "oldRole": "A", "newRole": "B"});
    let structured = json!({
        "specversion": "1.0", "id": id, "source": "/hr", "type": "role_change",
        "subject": case, "data": data,
    });
    let request = admin.request(reqwest::Method::POST, "/webhook/pega");
    let request = request.header("content-type", "application/cloudevents+json; charset=utf-8");
    let first = admin.send(request.body(structured.to_string())).await.event_id();
    let event = admin.settled(first).await;
    assert_eq!((&event["caseId"], &event["event"]), (&json!(case), &json!("role_change")));
    assert_eq!(event["payload"], data);
    assert_eq!(event["processing_result"]["role_change"], "A → B");

    let binary = async |data: &Value| {
        let request = admin.webhook(data).header("ce-specversion", "1.0").header("ce-id", &id);
        let request = request.header("ce-source", "/hr").header("ce-type", "role_change");
        admin.send(request.header("ce-subject", case.replace(' ', "%20"))).await
    };
    let same = binary(&data).await;
    assert_eq!((same.event_id(), same.header("idempotent-replayed")), (first, "true"));
    let other = binary(&json!({"employeeId": "EMP006"})).await;
    assert_eq!(other.status, 422, "the same id with other data: {}", other.json);
}

/// Without a key two equal bodies are two events; the second says so.
pub async fn equal_bodies_without_a_key(target: &Target) {
    let (admin, body) = (target.admin(), events::role_change(&events::new_case()));
    let first = admin.event(&body).await.event_id();
    let second = admin.event(&body).await.event_id();
    assert_ne!(first, second);
    let event = admin.settled(second).await;
    assert_eq!(event["possible_duplicate_of"], json!(first));
    assert_eq!(event["follows"], json!(first));
}
