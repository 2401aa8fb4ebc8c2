//! The rows of the contract for the webhook, one event, and reprocessing.

use serde_json::{Value, json};
use tests::support::{Target, events};

/// `POST /webhook/pega`: the answer, and what is kept.
pub async fn webhook_answers(target: &Target) {
    let admin = target.admin();
    let case = events::new_case();
    let answer = admin.event(&events::role_change(&case)).await;
    assert_eq!(answer.status, 200);
    let message = format!("Event role_change for case {case} queued for processing");
    let id = answer.event_id();
    let expected = json!({"status": "received", "eventId": id, "message": message});
    assert_eq!(answer.json, expected);

    // Extra members, unusual characters and number spellings are kept as sent.
    let body = r#"{"caseId": 12, "event": "Vertrag geändert", "x": {"deep": [1, 1.50, 12345678901234567890]}}"#;
    let request = admin.request(reqwest::Method::POST, "/webhook/pega").body(body);
    let id =
        admin.send(request.header("content-type", "text/json; charset=utf-8")).await.event_id();
    let event = admin.settled(id).await;
    assert_eq!((&event["caseId"], &event["event"]), (&json!("12"), &json!("Vertrag geändert")));
    assert_eq!(event["payload"]["x"]["deep"][1], json!(1.50));
}

/// `GET /events/{id}`: members and their order, unknown and impossible numbers.
pub async fn one_event(target: &Target) {
    let admin = target.admin();
    let body = events::role_change(&events::new_case());
    let id = admin.event(&body).await.event_id();
    let event = admin.settled(id).await;
    let text = admin.get(&format!("/events/{id}")).await.text;
    let members = ["id", "received_at", "caseId", "event", "payload", "status", "processed_at"];
    let mut rest = text.as_str();
    for name in members.into_iter().chain(["processing_result", "attempts"]) {
        let named = format!("\"{name}\":");
        let (_, after) = rest.split_once(&named).unwrap_or_else(|| panic!("{name} of {text}"));
        rest = after;
    }
    assert_eq!(event["id"], json!(id));
    assert_eq!(event["payload"], body);
    assert_eq!(event["status"], "processed");
    let shape = |value: &Value| {
        let text = value.as_str().expect("text");
        text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>()
    };
    assert_eq!(shape(&event["received_at"]), "0000-00-00T00:00:00Z");
    assert_eq!(shape(&event["processed_at"]), "0000-00-00T00:00:00.000000Z");

    let missing = admin.get("/events/999999999").await;
    assert_eq!((missing.status, &missing.json["detail"]), (404, &json!("Event not found")));
    for nonsense in ["/events/abc", "/events/1.5", "/events/99999999999999999999"] {
        let answer = admin.get(nonsense).await;
        assert_eq!(answer.status, 422, "{nonsense}");
        assert_eq!(answer.json["errors"][0]["field"], "event_id", "{nonsense}");
    }
    assert_eq!(admin.get("/events/-1").await.status, 404);
}

/// `POST /events/{id}/reprocess`: only from `failed` and `received`.
pub async fn reprocess_rules(target: &Target) {
    let admin = target.admin();
    let missing = admin.post("/events/999999999/reprocess").await;
    assert_eq!((missing.status, &missing.json["detail"]), (404, &json!("Event not found")));

    let id = admin.event(&events::role_change(&events::new_case())).await.event_id();
    admin.settled(id).await;
    let refused = admin.post(&format!("/events/{id}/reprocess")).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json["detail"], "Event cannot be reprocessed");

    // A type that nobody works through stays `received` and can be queued again.
    let body = json!({"caseId": events::new_case(), "event": "approval_request"});
    let id = admin.event(&body).await.event_id();
    let ignored = admin.settled(id).await;
    assert_eq!(ignored["status"], "received");
    let queued = admin.post(&format!("/events/{id}/reprocess")).await;
    assert_eq!(queued.status, 200);
    let expected = json!({"status": "queued", "message": "Event queued for reprocessing"});
    assert_eq!(queued.json, expected);
    let again = admin.settled(id).await;
    assert_eq!(again["processing_result"], ignored["processing_result"]);
}

/// Slashes, methods, unknown paths, correlation ids, health.
pub async fn corners_of_http(target: &Target) {
    let admin = target.admin();
    assert_eq!(admin.get("/events/").await.status, 200);
    let health = admin.with(tests::support::Credential::None).get("/health").await;
    assert_eq!((health.status, &health.json["status"]), (200, &json!("healthy")));
    let request = admin.webhook(&events::role_change(&events::new_case()));
    let answer = admin.send(request.header("x-correlation-id", "flow-7")).await;
    assert_eq!(answer.header("x-correlation-id"), "flow-7");
    let event = admin.settled(answer.event_id()).await;
    assert_eq!(event["correlation_id"], "flow-7");
}
