//! Input that cannot be stored, and input that only just can.

use reqwest::Method;
use serde_json::json;
use tests::support::{Target, events};

const MIB: usize = 1024 * 1024;

/// Every kind of bad body is a problem that says what is wrong, and leaves nothing.
pub async fn bad_input(target: &Target) {
    let admin = target.admin();
    let newest = async || admin.get("/events?limit=1").await.json[0]["id"].clone();
    let before = newest().await;
    let deep =
        format!(r#"{{"caseId":"C","event":"e","a":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    let long = json!({"caseId": "x".repeat(300), "event": "e"}).to_string();
    let required = "Fields 'caseId' and 'event' are required";
    let bodies = [
        ("", 400, "Invalid JSON", ""),
        ("{\"caseId\":", 400, "Invalid JSON", ""),
        ("caseId=C&event=e", 400, "Invalid JSON", ""),
        ("\u{feff}{}", 400, "Invalid JSON", ""),
        ("[1]", 400, "The body must be a JSON object", "body"),
        ("null", 400, "The body must be a JSON object", "body"),
        ("{}", 400, required, "caseId"),
        (r#"{"caseId":"C"}"#, 400, required, "event"),
        (r#"{"caseId":"","event":"e"}"#, 400, required, "caseId"),
        (r#"{"caseId":"C","event":null}"#, 400, required, "event"),
        (r#"{"caseId":"C","event":["e"]}"#, 422, "event must be a string or a number", "event"),
        (r#"{"caseId":true,"event":"e"}"#, 422, "caseId must be a string or a number", "caseId"),
        (r#"{"caseId":"C\u0000","event":"e"}"#, 400, "caseId contains a NUL character", "caseId"),
        (deep.as_str(), 400, "The JSON is nested deeper than 64 levels", "a"),
        (long.as_str(), 422, "caseId must be at most 256 bytes long", "caseId"),
    ];
    for (body, status, detail, field) in bodies {
        let request = admin.request(Method::POST, "/webhook/pega").body(body.to_owned());
        let answer = admin.send(request.header("content-type", "application/json")).await;
        assert_eq!(answer.status, status, "{body:.60}: {}", answer.json);
        assert_eq!(answer.json["detail"], detail, "{body:.60}");
        let named = answer.json["errors"][0]["field"].as_str().unwrap_or_default();
        assert!(named.starts_with(field), "{body:.60} names {named}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"] {
        let request = admin.request(Method::POST, "/webhook/pega").header("content-type", media);
        let answer = admin.send(request.body(events::role_change("C").to_string())).await;
        assert_eq!(answer.status, 415, "{media}");
        assert_eq!(answer.json["errors"][0]["field"], "header Content-Type", "{media}");
    }
    let key = "k".repeat(256);
    let answer = admin.event_with_key(&key, &events::role_change("C")).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json["errors"][0]["field"], "idempotency-key");
    assert_eq!(newest().await, before, "something was stored");
}

/// A body of just under and exactly 1 MiB that cannot be compressed much comes
/// back as it was; one byte more is refused.
pub async fn large_payloads(target: &Target) {
    let admin = target.admin();
    let body = |size: usize| {
        let head =
            format!(r#"{{"caseId":"{}","event":"approval_request","noise":""#, events::new_case());
        let mut random = fastrand::Rng::with_seed(size as u64);
        let noise = std::iter::repeat_with(|| random.alphanumeric());
        let noise: String = noise.take(size - head.len() - 2).collect();
        format!("{head}{noise}\"}}")
    };
    let post = |body: String| {
        admin
            .request(Method::POST, "/webhook/pega")
            .header("content-type", "application/json")
            .body(body)
    };
    for size in [500, 5_000, MIB] {
        let sent = body(size);
        let id = admin.send(post(sent.clone())).await.event_id();
        let event = admin.settled(id).await;
        let sent: serde_json::Value = serde_json::from_str(&sent).expect("its own JSON");
        assert!(event["payload"] == sent, "{size} bytes come back as sent");
    }
    let answer = admin.send(post(body(MIB + 1))).await;
    assert_eq!((answer.status, &answer.json["error_type"]), (413, &json!("payload_too_large")));
}

/// A value that is too long for a result is told as its beginning; the payload keeps
/// it, and the event is worked through.
pub async fn long_values(target: &Target) {
    let admin = target.admin();
    let mut body = events::role_change(&events::new_case());
    body["oldRole"] = "x".repeat(250_000).into();
    body["employeeId"] = "y".repeat(250_000).into();
    let request = admin.webhook(&body);
    let id = admin.send(request).await.event_id();
    let event = admin.settled(id).await;
    assert_eq!((&event["status"], &event["attempts"]), (&json!("processed"), &json!(1)));
    let told = event["processing_result"]["role_change"].as_str().expect("text");
    assert!(told.len() < 1_000 && told.ends_with("… → Manager"), "{told:.80}");
    assert!(event["payload"] == body);
}
