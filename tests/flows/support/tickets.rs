//! Requests, and what becomes of them.

use serde_json::{Value, json};
use tests::support::World;

use super::{answered, ask, asked, history, request, ticket};

#[tokio::test]
async fn what_is_allowed_is_done_after_the_employee_did_their_part() {
    let world = World::with(&[]).await;
    let id = ask(&world, "password_reset").await;
    let begun = ticket(&world, &id).await;
    assert_eq!((&begun["status"], &begun["decision"]), (&json!("pending"), &json!("pending")));
    assert_eq!(begun["plan_summary"], Value::Null);
    world.support().await;
    let waiting = ticket(&world, &id).await;
    assert_eq!(waiting["status"], "waiting_for_user");
    assert_eq!(waiting["next_action"], "human_input_required");
    assert_eq!(waiting["decision"], "approved");
    let assessment = &waiting["assessment"];
    assert_eq!(
        (&assessment["decision"], &assessment["confidence"]),
        (&json!("ALLOWED"), &json!(0.95))
    );
    assert_eq!(assessment["citations"][0]["source"], "passwords");
    assert_eq!((&assessment["by"], &assessment["risk"]), (&json!("rules"), &json!("HIGH")));
    assert_eq!(waiting["pending"]["assignee"], "EMP001");
    assert_eq!(waiting["plan"]["steps"][0]["state"], "asked");
    let done = answered(&world, &id, "EMP001", true).await;
    assert_eq!((&done["status"], &done["next_action"]), (&json!("resolved"), &json!("completed")));
    assert_eq!(done["plan"]["steps"][0]["state"], "done");
    assert_eq!(
        history(&world, &id).await,
        [
            "pending",
            "in_progress",
            "in_progress",
            "waiting_for_user",
            "hil_response",
            "in_progress",
            "resolved"
        ]
    );
}

#[tokio::test]
async fn what_is_denied_ends_and_what_may_be_denied_is_looked_at() {
    let world = World::with(&[]).await;
    let text = |confidence: &str| {
        let denied = "decision = 'DENIED'\n        confidence = ";
        let allowed = "decision = 'ALLOWED'\n        confidence = 0.9";
        super::steps::steps("").replace(allowed, &format!("{denied}{confidence}"))
    };
    super::go_by(&world, &text("0.9")).await;
    let denied = ticket(&world, &asked(&world, "anything").await).await;
    assert_eq!((&denied["status"], &denied["decision"]), (&json!("denied"), &json!("denied")));
    super::go_by(&world, &text("0.5")).await;
    let id = asked(&world, "anything").await;
    let unsure = ticket(&world, &id).await;
    assert_eq!(unsure["status"], "waiting_for_approval");
    assert_eq!(unsure["pending"]["question_type"], "classification_review");
    assert_eq!(answered(&world, &id, "MANAGER001", true).await["status"], "resolved");
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_then_decided_anew() {
    let world = World::with(&[]).await;
    let text = "[[policies]]
        id = 'all'
        title = 'All'
        text = 'Everything is allowed that is well described.'
        decision = 'ALLOWED'
        confidence = 0.9
        required_fields = ['business_justification', 'cost_centre']";
    super::go_by(&world, text).await;
    let mut new = request("hardware");
    new["business_justification"] = json!("The old one broke");
    let made = world.admin().send("POST", "/support/request", new).await.json;
    let id = made["ticket_id"].as_str().expect("an id");
    world.support().await;
    let waiting = ticket(&world, id).await;
    assert_eq!(waiting["status"], "waiting_for_user");
    assert_eq!(waiting["assessment"]["missing_fields"], json!(["cost_centre"]));
    assert_eq!(waiting["pending"]["question_type"], "policy_interpretation");
    let answer = json!({ "answer": "CC-7", "approval": true, "approver_id": "EMP001" });
    let path = format!("/support/hil/{id}");
    assert_eq!(world.admin().send("POST", &path, answer).await.status, 200);
    world.support().await;
    let done = ticket(&world, id).await;
    assert_eq!(
        (&done["status"], &done["given"]),
        (&json!("resolved"), &json!({ "cost_centre": "CC-7" }))
    );
}

#[tokio::test]
async fn bad_input_is_refused_by_its_name_and_makes_no_ticket() {
    let world = World::with(&[]).await;
    let long = "x".repeat(20_000);
    for (field, value) in [
        ("employee_id", json!("")),
        ("employee_id", json!(7)),
        ("request_type", json!(" ")),
        ("title", json!("x".repeat(256))),
        ("description", json!("")),
        ("description", json!(long)),
        ("priority", json!("soon")),
        ("urgency", json!("")),
        ("desired_completion_date", json!("tomorrow")),
        ("odd", json!(1)),
    ] {
        let mut body = request("software_access");
        body[field] = value.clone();
        let refused = world.admin().send("POST", "/support/request", body).await;
        assert_eq!(refused.status, 422, "{field} {value}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], field, "{value}: {}", refused.text);
    }
    for missing in ["employee_id", "request_type", "title", "description"] {
        let mut body = request("software_access");
        body.as_object_mut().expect("an object").remove(missing);
        let refused = world.admin().send("POST", "/support/request", body).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(missing)));
    }
    let listed = world.admin().get("/support/tickets").await.json;
    assert_eq!(listed["count"], 0);
}

#[tokio::test]
async fn a_repeat_under_a_key_is_the_same_ticket() {
    let world = World::with(&[]).await;
    let act = world.who(&[
        ("authorization", &format!("Bearer {}", world.admin_key)),
        ("idempotency-key", "once"),
    ]);
    let first = act.send("POST", "/support/request", request("hardware")).await.json;
    let again = act.send("POST", "/support/request", request("hardware")).await.json;
    assert_eq!(first["ticket_id"], again["ticket_id"]);
    let other = act.send("POST", "/support/request", request("software")).await;
    assert_eq!(other.status, 422, "{}", other.text);
    assert_eq!(world.admin().get("/support/tickets").await.json["count"], 1);
}

#[tokio::test]
async fn a_ticket_is_commented_cancelled_and_opened_again() {
    let world = World::with(&[]).await;
    let id = asked(&world, "software_access").await;
    let post = async |below: &str, body: Value| {
        world.admin().send("POST", &format!("/support/tickets/{id}/{below}"), body).await
    };
    assert_eq!(post("comments", json!({ "comment": "Any news?" })).await.status, 200);
    assert_eq!(post("comments", json!({ "comment": " " })).await.status, 422);
    let cancelled = post("cancel", json!({ "reason": "Not needed" })).await;
    assert_eq!((cancelled.status, &cancelled.json["status"]), (200, &json!("cancelled")));
    assert_eq!(post("cancel", json!({})).await.status, 409);
    let late = super::answer(&world, &id, "MANAGER001", true).await;
    assert_eq!(late.status, 409, "{}", late.text);
    assert_eq!(post("reopen", json!({ "reason": "After all" })).await.status, 200);
    world.support().await;
    assert_eq!(ticket(&world, &id).await["status"], "waiting_for_approval");
    assert_eq!(post("reopen", json!({})).await.status, 409);
    let told = history(&world, &id).await;
    assert_eq!(
        told[3..],
        ["comment", "cancelled", "pending", "in_progress", "waiting_for_approval"]
    );
}

#[tokio::test]
async fn unknown_tickets_are_not_found() {
    let world = World::with(&[]).await;
    for path in ["tickets/x", "events/x/history", "events/x", "tickets/%20"] {
        let answer = world.admin().get(&format!("/support/{path}")).await;
        assert_eq!((answer.status, &answer.json["detail"]), (404, &json!("Ticket not found")));
    }
    // Longer than any key of a table.
    let long = "x".repeat(3000);
    for path in ["tickets/", "events/"].map(|below| format!("/support/{below}{long}")) {
        assert_eq!(world.admin().get(&path).await.status, 404);
    }
    let listed = world.admin().get(&format!("/support/tickets?employee_id={long}")).await;
    assert_eq!((listed.status, &listed.json["count"]), (200, &json!(0)));
    let delegation = format!("/support/delegations/{long}");
    assert_eq!(world.admin().send("DELETE", &delegation, Value::Null).await.status, 422);
    let answer = super::answer(&world, "x", "MANAGER001", true).await;
    assert_eq!((answer.status, &answer.json["detail"]), (404, &json!("Ticket not found")));
    let health = world.admin().get("/support/health").await.json;
    assert_eq!(health["status"], "healthy");
}
