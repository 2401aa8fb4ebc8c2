//! So many would vanish that a person is asked: nothing changes before somebody decided.

use serde_json::{Value, json};
use simulators::onec::{Mishap, Zup};
use tests::support::World;

use super::{SYNC, SYNCS, beside_1c, everybody, start, synced, wanted};

/// A synchronisation that is held: half of the people were missing.
async fn held(people: usize) -> (World, Zup, Value) {
    let (world, zup) = beside_1c(people, json!({})).await;
    assert_eq!(synced(&world, wanted(true)).await["status"], "completed");
    zup.mishap("agents", 1, &Mishap::HalfOfPeople);
    let held = synced(&world, wanted(true)).await;
    assert_eq!(held["status"], "held", "{held:#}");
    (world, zup, held)
}

async fn decide(world: &World, sync: &Value, how: &str) -> (u16, Value) {
    let id = sync["sync_id"].as_str().expect("an id");
    let why = json!({ "reason": "Looked into it" });
    let answer = world.admin().send("POST", &format!("{SYNCS}/{id}/{how}"), why).await;
    (answer.status, answer.json)
}

#[tokio::test]
async fn a_source_that_tells_of_half_its_people_deletes_nobody_and_a_ticket_asks() {
    let (world, _zup, sync) = held(300).await;
    assert_eq!(everybody(&world, "active").await.len(), 300);
    assert_eq!(sync["changes"]["vanished"], 150);
    let ticket = sync["ticket_id"].as_str().expect("a ticket");
    let ticket = world.admin().get(&format!("/support/tickets/{ticket}")).await.json;
    let title = ticket["request"]["title"].as_str().or(ticket["title"].as_str());
    assert_eq!(title, Some("150 of 300 people would vanish from personnel"), "{ticket:#}");
    let another = world.admin().send("POST", SYNC, wanted(true)).await;
    assert_eq!(another.status, 409, "{}", another.text);
    let id = sync["sync_id"].as_str().expect("an id");
    assert!(another.json["detail"].as_str().is_some_and(|detail| detail.ends_with(id)));
}

#[tokio::test]
async fn what_is_confirmed_is_published() {
    let (world, _zup, sync) = held(300).await;
    let (status, told) = decide(&world, &sync, "confirm").await;
    assert_eq!((status, &told["decision"]["confirmed"]), (200, &json!(true)));
    world.workforce().await;
    assert_eq!(everybody(&world, "active").await.len(), 150);
    assert_eq!(everybody(&world, "inactive").await.len(), 150);
    let (status, told) = decide(&world, &sync, "reject").await;
    assert_eq!(status, 409);
    assert!(told["detail"].as_str().is_some_and(|it| it.contains("was confirmed by")), "{told}");
}

#[tokio::test]
async fn what_is_rejected_changes_nothing_and_the_next_one_may_begin() {
    let (world, _zup, sync) = held(300).await;
    assert_eq!(decide(&world, &sync, "reject").await.0, 200);
    world.workforce().await;
    let id = sync["sync_id"].as_str().expect("an id");
    let ended = world.admin().get(&format!("{SYNCS}/{id}")).await.json;
    assert_eq!((&ended["status"], &ended["error"]), (&json!("rejected"), &json!("Looked into it")));
    assert_eq!(everybody(&world, "active").await.len(), 300);
    assert_eq!(synced(&world, wanted(true)).await["status"], "completed");
    assert_eq!(everybody(&world, "active").await.len(), 300);
}

#[tokio::test]
async fn of_two_who_decide_at_the_same_instant_one_is_told_who_did() {
    let (world, _zup, sync) = held(300).await;
    let (one, other) =
        tokio::join!(decide(&world, &sync, "confirm"), decide(&world, &sync, "reject"));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn what_nobody_decides_in_a_week_is_dropped() {
    let (world, _zup, sync) = held(300).await;
    world.wait(7 * 24 * 3600 - 1);
    world.workforce().await;
    let id = sync["sync_id"].as_str().expect("an id");
    assert_eq!(world.admin().get(&format!("{SYNCS}/{id}")).await.json["status"], "held");
    world.wait(120);
    world.workforce().await;
    assert_eq!(world.admin().get(&format!("{SYNCS}/{id}")).await.json["status"], "rejected");
    assert_eq!(everybody(&world, "active").await.len(), 300);
}

#[tokio::test]
async fn a_decision_needs_a_reason_and_something_to_decide() {
    let (world, _zup) = beside_1c(3, json!({})).await;
    let path = start(&world, wanted(true)).await;
    for (body, field) in [(json!({}), "reason"), (json!({ "reason": " " }), "reason")] {
        let refused = world.admin().send("POST", &format!("{path}/confirm"), body).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
    let why = json!({ "reason": "So" });
    let early = world.admin().send("POST", &format!("{path}/confirm"), why.clone()).await;
    assert_eq!(early.status, 409, "{}", early.text);
    let unknown = world.admin().send("POST", &format!("{SYNCS}/none/confirm"), why).await;
    assert_eq!(unknown.status, 404);
}
