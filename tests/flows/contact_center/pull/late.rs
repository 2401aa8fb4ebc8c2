//! What is told late: it takes the place of what was told before, and nothing is doubled.

use serde_json::json;
use simulators::contact_center::{Contact, ContactCenter, State};
use tests::support::World;

use super::{METHODS, at, beside, is_kept, kept, pulled, watermark};

const PERIOD: (&str, &str) = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");

/// A contact half an hour ago, of which the centre tells after the first pull alone.
async fn late(world: &World, centre: &ContactCenter) {
    let early = Contact::missed("1", "a", at("2026-06-01T11:20:00Z")).taken("1", 1000);
    centre.contacts([early]);
    pulled(world, json!({})).await;
    let start = at("2026-06-01T11:31:00Z");
    centre.contacts([Contact::missed("1", "b", start).taken("1", 60_000)]);
    let covering = State::new("2", "TRAINING", "Training", at("2026-06-01T06:00:00Z"));
    centre.state(covering.until(at("2026-06-01T12:05:00Z")));
    world.wait(600);
}

#[tokio::test]
async fn what_is_told_late_is_kept_by_the_next_pull() {
    let (world, centre, _) = beside(json!({})).await;
    late(&world, &centre).await;
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "completed");
    is_kept(&world, &centre, PERIOD).await;
    assert_eq!(kept(&world, METHODS[1], PERIOD).await.len(), 1);
    // Once more, and nothing is doubled.
    pulled(&world, json!({})).await;
    is_kept(&world, &centre, PERIOD).await;
}

#[tokio::test]
async fn what_is_told_later_than_the_overlap_is_found_by_asking_for_its_day() {
    let (world, centre, _) = beside(json!({ "pull": { "overlap_minutes": 10 } })).await;
    late(&world, &centre).await;
    pulled(&world, json!({})).await;
    assert_eq!(kept(&world, METHODS[3], PERIOD).await.len(), 1);
    let marked = watermark(&world, "agentCallsData").await;
    let wanted = json!({ "start_date": "2026-06-01", "end_date": "2026-06-01T11:40:00Z" });
    pulled(&world, wanted).await;
    is_kept(&world, &centre, PERIOD).await;
    assert_eq!(watermark(&world, "agentCallsData").await, marked);
}

#[tokio::test]
async fn a_row_that_has_changed_takes_the_place_of_what_it_was() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
    let start = at("2026-06-01T11:50:00Z");
    let contact = Contact::missed("1", "a", start).taken("1", 60_000);
    centre.contacts([contact.clone()]);
    centre.state(State::new("1", "WORK", "Work", start).until(at("2026-06-01T11:59:00Z")));
    pulled(&world, json!({})).await;
    let _gone = centre.stop().await;
    // The same moments of another centre, where all of it took longer.
    let other = ContactCenter::start().await.expect("a centre");
    other.people(2, 3);
    other.contacts([contact.taken("1", 500_000)]);
    other.state(State::new("1", "WORK", "Work", start).until(at("2026-06-01T12:01:00Z")));
    let id = super::state(&world).await["connection_id"].as_str().expect("an id").to_owned();
    let path = format!("{}/{id}", crate::flows::integrations::CONNECTIONS);
    let moved = world.admin().send("PUT", &path, json!({ "endpoint_url": other.url() })).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    world.wait(300);
    pulled(&world, json!({})).await;
    is_kept(&world, &other, PERIOD).await;
}
