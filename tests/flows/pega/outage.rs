//! Pega refusing, busy, cut off, and down.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use tests::support::{Credential, Installation, Target, events, second_tenant};

/// A permanent refusal fails the event with Pega's own words; once Pega takes the
/// note, one call makes it good.
pub async fn refusal_is_final_until_driven_anew(target: &Target) {
    for (status, id, message) in [
        (StatusCode::FORBIDDEN, "Pega_API_019", "Insufficient privilege"),
        (StatusCode::NOT_FOUND, "Pega_API_011", "Case not found for the given parameter ID"),
    ] {
        let (admin, case) = (target.admin(), events::new_case());
        let error = json!({"ID": id, "message": message, "pxObjClass": "Pega-API-Error"});
        let body = json!({"pxObjClass": "Pega-API", "errors": [error]}).to_string();
        target.pega.faults.plan("POST", "/messages", 1, Fault::Answer(status, body));
        let event = admin.event(&events::high_risk(&case)).await.event_id();
        let failed = admin.settled(event).await;
        assert_eq!((&failed["status"], &failed["attempts"]), (&json!("failed"), &json!(1)));
        let reason = failed["processing_result"]["message"].as_str().expect("a reason");
        assert!(reason.contains(id) && reason.contains(message), "{reason}");
        let listed = admin.get("/events?status=failed&limit=1").await;
        assert_eq!(listed.json[0]["id"], json!(event));

        let queued = admin.post(&format!("/events/{event}/reprocess")).await;
        assert_eq!(queued.status, 200);
        let done = admin.event_when(event, |event| event["status"] == "processed").await;
        assert_eq!(done["processing_result"]["actions_taken"][1], "Risk alert sent to Pega");
        assert_eq!(target.pega.notes_on(&case).len(), 1);
    }
}

/// Pega takes the note and the answer is lost: the retry finds it and posts none.
pub async fn answer_lost_after_the_note(target: &Target) {
    let (admin, case) = (target.admin(), events::new_case());
    target.pega.faults.plan("POST", "/messages", 1, Fault::DoneThenCut);
    let id = admin.event(&events::high_risk(&case)).await.event_id();
    let event = admin.settled(id).await;
    assert_eq!((&event["status"], &event["attempts"]), (&json!("processed"), &json!(2)));
    assert_eq!(target.pega.notes_on(&case).len(), 1);
}

/// 423, 429, 5xx and cut connections pass; the note is there once.
pub async fn pega_busy(target: &Target) {
    let (admin, case) = (target.admin(), events::new_case());
    let faults = &target.pega.faults;
    faults.plan("POST", "/messages", 1, Fault::Answer(StatusCode::LOCKED, String::new()));
    faults.plan("POST", "/messages", 1, Fault::Busy(StatusCode::TOO_MANY_REQUESTS, 1));
    faults.plan("POST", "/messages", 1, Fault::Answer(StatusCode::BAD_GATEWAY, String::new()));
    faults.plan("POST", "/messages", 1, Fault::Cut);
    faults.plan(
        "GET",
        "/messages",
        1,
        Fault::Answer(StatusCode::SERVICE_UNAVAILABLE, String::new()),
    );
    let id = admin.event(&events::high_risk(&case)).await.event_id();
    let event = admin.settled(id).await;
    assert_eq!((&event["status"], &event["attempts"]), (&json!("processed"), &json!(6)));
    assert_eq!(target.pega.notes_on(&case).len(), 1);
    faults.clear();
}

/// Pega down: events wait, say so, keep the order of their case, and complete
/// when it is up again.
#[tokio::test(flavor = "multi_thread")]
async fn events_wait_for_a_pega_that_is_down_and_keep_their_order() {
    let Installation { app, target, folder: _folder } = Installation::start().await;
    let admin = target.admin();
    let down = target.pega.stop().await;
    let case = events::new_case();
    let first = admin.event(&events::high_risk(&case)).await.event_id();
    let second = admin.event(&events::role_change(&case)).await.event_id();
    let other = admin.event(&events::role_change(&events::new_case())).await.event_id();
    admin.settled(other).await;
    let waiting =
        |event: &Value| event["attempts"].as_i64() >= Some(2) && event["status"] == "received";
    let event = admin.event_when(first, waiting).await;
    assert!(event["last_error"].as_str().is_some_and(|e| e.contains("no connection")), "{event}");
    assert!(event["next_attempt_at"].is_string());
    assert!(event["processing_result"].is_null());
    let behind = admin.get(&format!("/events/{second}")).await.json;
    assert_eq!((&behind["status"], &behind["attempts"]), (&json!("received"), &json!(0)));

    let pega = down.start().await.expect("the same port");
    let (first, second) = (admin.settled(first).await, admin.settled(second).await);
    for event in [&first, &second] {
        assert_eq!(event["status"], "processed", "{event:#}");
    }
    assert!(first["processed_at"].as_str() <= second["processed_at"].as_str());
    assert_eq!(pega.notes_on(&case).len(), 1);
    app.stop().await;
}

/// The token is fetched once, kept, and fetched again when Pega no longer takes it.
#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_are_kept_and_renewed() {
    let (id, secret) = simulators::pega::CLIENT;
    let installation = Installation::start_with(&[
        ("PEGA_TOKEN_URL", "{token_url}"),
        ("PEGA_CLIENT_ID", id),
        ("PEGA_CLIENT_SECRET", secret),
    ])
    .await;
    let (admin, pega) = (installation.admin(), &installation.target.pega);
    let alert = async || {
        let event = admin.event(&events::high_risk(&events::new_case())).await.event_id();
        assert_eq!(admin.settled(event).await["attempts"], 1);
    };
    alert().await;
    alert().await;
    assert_eq!(pega.token_calls(), 1);
    pega.expire_tokens();
    alert().await;
    assert_eq!(pega.token_calls(), 2);
}

/// Without a Pega the event is worked through, and no alert is claimed.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_pega_no_alert_is_claimed() {
    let installation = Installation::start_with(&[("PEGA_URL", "")]).await;
    let admin = installation.admin();
    let event = admin.event(&events::high_risk(&events::new_case())).await.event_id();
    let actions = &admin.settled(event).await["processing_result"]["actions_taken"];
    assert_eq!(actions, &json!(["Risk analysis completed. Score: 10"]));
}

/// Another tenant's events are not there: not in a list, not by number, not to drive.
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_nothing_of_another() {
    let installation = Installation::start().await;
    let (first, second) = (installation.admin(), second_tenant(&installation.target).await);
    let (case, key) = (events::new_case(), "the-same-key");
    let id = first.event_with_key(key, &events::role_change(&case)).await.event_id();
    assert_eq!(second.get(&format!("/events/{id}")).await.status, 404);
    assert_eq!(second.post(&format!("/events/{id}/reprocess")).await.status, 404);
    let of_case = format!("/events?case_id={}", case.replace(' ', "%20"));
    for list in ["/events", "/events?event=role_change", "/events?status=received", &of_case] {
        assert_eq!(second.get(list).await.json, json!([]), "{list}");
    }
    // The same key and case are its own there.
    let own = second.event_with_key(key, &events::high_risk(&case)).await;
    let event = second.settled(own.event_id()).await;
    assert_eq!(event["follows"], Value::Null);
    let nobody = first.with(Credential::None);
    assert_eq!(nobody.get(&of_case).await.status, 401);
}

/// A Pega that is slower than an attempt, and takes the note all the same: the next
/// attempt waits until that has settled, finds the note, and posts none.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_pega_gets_one_note() {
    let patience = [("JOB_ATTEMPT_SECONDS", "0.3"), ("JOB_SETTLE_SECONDS", "2")];
    let installation = Installation::start_with(&patience).await;
    let (admin, pega) = (installation.admin(), &installation.target.pega);
    pega.faults.plan("POST", "/messages", 1, Fault::Delay(Duration::from_secs(1)));
    let case = events::new_case();
    let id = admin.event(&events::high_risk(&case)).await.event_id();
    let busy = admin.event_when(id, |event| event["status"] == "processing").await;
    assert_eq!(busy["attempts"], 1);
    let refused = admin.post(&format!("/events/{id}/reprocess")).await;
    assert_eq!(refused.status, 400);
    let event = admin.settled(id).await;
    assert_eq!((&event["status"], &event["attempts"]), (&json!("processed"), &json!(2)));
    assert_eq!(pega.notes_on(&case).len(), 1);
}
