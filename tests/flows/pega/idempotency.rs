//! The same event twice: under a key, at the same instant, as a CloudEvent, and
//! without anything to tell it by.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::support::{Target, events};

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

    let binary = admin.webhook(&data).header("ce-specversion", "1.0").header("ce-id", &id);
    let binary = binary.header("ce-source", "/hr").header("ce-type", "role_change");
    let other = admin.send(binary.header("ce-subject", case.replace(' ', "%20"))).await;
    assert_eq!(other.status, 422, "the same id with other bytes: {}", other.json);
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
