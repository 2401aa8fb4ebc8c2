//! People are reminded once, and those who are higher up are asked, whoever was alive then.

use serde_json::{Value, json};
use simulators::receiver::Receiver;
use tests::support::World;

use super::{answer, answered, asked, go_by, history, request, ticket};

const HOUR: u64 = 3600;

async fn listening(world: &World) -> Receiver {
    let receiver = Receiver::start().await.expect("a receiver");
    let new = json!({
        "name": "late", "url": receiver.url(),
        "event_types": ["ticket.reminder", "ticket.escalated"],
    });
    let made = world.admin().send("POST", "/integrations/webhooks", new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    receiver
}

async fn told(world: &World, receiver: &Receiver) -> Vec<(Value, Value)> {
    world.deliver().await;
    let calls = receiver.taken();
    calls
        .iter()
        .map(|call| call.json())
        .map(|body| (body["event_type"].clone(), body["payload"]["assignee"].clone()))
        .collect()
}

#[tokio::test]
async fn nobody_answers_and_the_ladder_is_gone_up_once() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let id = asked(&world, "software_access").await;
    assert_eq!(ticket(&world, &id).await["pending"]["due_at"], "2026-06-01T16:00:00Z");
    world.wait(2 * HOUR - 1);
    world.support().await;
    assert!(told(&world, &receiver).await.is_empty());
    world.wait(1);
    world.support().await;
    assert_eq!(history(&world, &id).await.last().map(String::as_str), Some("reminder"));
    world.wait(2 * HOUR);
    world.support().await;
    let escalated = ticket(&world, &id).await;
    assert_eq!(
        (&escalated["status"], &escalated["next_action"]),
        (&json!("escalated"), &Value::Null)
    );
    assert_eq!(escalated["pending"]["escalated_to"], json!(["supervisor"]));
    assert_eq!(escalated["pending"]["due_at"], "2026-06-01T20:00:00Z");
    // Nobody is alive for days.
    world.wait(96 * HOUR);
    for _ in 0..4 {
        world.support().await;
        world.wait(24 * HOUR);
    }
    let pair = |kind: &str, to: &str| (json!(kind), json!(to));
    assert_eq!(
        told(&world, &receiver).await,
        [
            pair("ticket.reminder", "team_lead"),
            pair("ticket.escalated", "supervisor"),
            pair("ticket.escalated", "manager"),
            pair("ticket.escalated", "manager"),
        ]
    );
    let resumed = answered(&world, &id, "manager", true).await;
    assert_eq!(resumed["status"], "waiting_for_user");
}

/// Source of the hours: the IT support service.
#[tokio::test]
async fn what_matters_more_is_due_sooner() {
    let world = World::with(&[]).await;
    for (priority, due) in [
        ("urgent", "2026-06-01T13:00:00Z"),
        ("CRITICAL", "2026-06-01T13:00:00Z"),
        ("high", "2026-06-01T16:00:00Z"),
        ("medium", "2026-06-01T20:00:00Z"),
        ("low", "2026-06-02T12:00:00Z"),
    ] {
        let mut new = request("software_access");
        new["priority"] = json!(priority);
        let made = world.admin().send("POST", "/support/request", new).await.json;
        world.support().await;
        let id = made["ticket_id"].as_str().expect("an id");
        assert_eq!(ticket(&world, id).await["pending"]["due_at"], due, "{priority}");
    }
}

/// Those who are asked anew are told so, and everybody of what was said.
#[tokio::test]
async fn who_listens_hears_of_comments_and_of_those_who_are_asked_anew() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = Receiver::start().await.expect("a receiver");
    let new = json!({ "name": "heard", "url": receiver.url(),
        "event_types": ["ticket.commented", "ticket.reassigned"] });
    let made = world.admin().send("POST", "/integrations/webhooks", new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = asked(&world, "software_access").await;
    for (path, body) in [
        ("comments", json!({ "comment": "Any news?" })),
        ("reassign", json!({ "approvers": ["MANAGER007"] })),
    ] {
        let path = format!("/support/tickets/{id}/{path}");
        assert_eq!(world.admin().send("POST", &path, body).await.status, 200);
    }
    world.deliver().await;
    let calls = receiver.taken();
    let told: Vec<_> = calls.iter().map(|call| call.json()["payload"].clone()).collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told.iter().any(|it| it["comment"] == "Any news?"), "{told:#?}");
    assert!(told.iter().any(|it| it["assignee"] == "MANAGER007"), "{told:#?}");
}

#[tokio::test]
async fn who_answered_is_neither_reminded_nor_passed_over() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = listening(&world).await;
    let id = asked(&world, "software_access").await;
    answered(&world, &id, "MANAGER001", false).await;
    world.wait(48 * HOUR);
    world.support().await;
    assert!(told(&world, &receiver).await.is_empty());
    assert_eq!(ticket(&world, &id).await["status"], "denied");
}

#[tokio::test]
async fn time_passes_in_business_hours_alone_when_the_policies_say_so() {
    let world = World::with(&[]).await;
    // It is noon on a Monday, by a clock that shows 14:00.
    go_by(
        &world,
        "[calendar]
        zone = 'Europe/Berlin'
        [calendar.week]
        monday = ['09:00-16:00']
        tuesday = ['09:00-12:00']
        [[policies]]
        id = 'all'
        title = 'All'
        text = 'Everything is approved.'
        decision = 'REQUIRES_APPROVAL'
        confidence = 0.9",
    )
    .await;
    let id = asked(&world, "anything").await;
    assert_eq!(ticket(&world, &id).await["pending"]["due_at"], "2026-06-02T09:00:00Z");
}

/// A no to a question hands it on to somebody who can do more.
#[tokio::test]
async fn what_an_employee_cannot_do_goes_up_the_ladder() {
    let world = World::with(&[]).await;
    let id = asked(&world, "password_reset").await;
    let no = answer(&world, &id, "EMP001", false).await;
    assert_eq!((no.status, &no.json["status"]), (200, &json!("escalated")));
    assert_eq!(answered(&world, &id, "supervisor", true).await["status"], "resolved");
    let id = asked(&world, "password_reset").await;
    for _ in 0..2 {
        assert_eq!(answer(&world, &id, "EMP001", false).await.status, 200);
    }
    assert_eq!(answered(&world, &id, "EMP001", true).await["status"], "resolved", "after all");
}
