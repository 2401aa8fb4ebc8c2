//! People are reminded once, and those who are higher up are asked, whoever was alive then.

use serde_json::{Value, json};
use simulators::receiver::Receiver;
use tests::support::World;

use super::{answer, answered, asked, go_by, history, ticket};

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
}
