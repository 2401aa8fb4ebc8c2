//! Whom is asked for: all of whom the contact centre tells, and who left lately.

use serde_json::json;
use simulators::contact_center::{Agent, Contact, Mishap};

use super::{METHODS, asked, at, beside, days, is_kept, kept, pulled, state, truth, watermark};

#[tokio::test]
async fn who_left_since_the_last_pull_is_still_asked_for() {
    let (world, centre, _) = beside(json!({})).await;
    days(&centre);
    pulled(&world, json!({})).await;
    let start = at("2026-06-01T12:05:00Z");
    centre.contacts([Contact::missed("1", "z", start).taken("3", 60_000)]);
    centre.forget("3");
    world.wait(900);
    pulled(&world, json!({})).await;
    let (calls, period) = (METHODS[3], ("2026-05-26T00:00:00Z", "2026-06-02T00:00:00Z"));
    assert_eq!(kept(&world, calls, period).await, truth(&centre, calls, period).await);
    // In the end nobody asks for them any more.
    for _ in 0..3 {
        world.wait(86_400);
        pulled(&world, json!({})).await;
    }
    let ids = asked(&centre, "agentCallsData", "agentId");
    assert_eq!(ids.last().map(String::as_str), Some("1,2"));
}

#[tokio::test]
async fn half_of_the_people_missing_for_once_costs_nothing() {
    let (world, centre, _) = beside(json!({ "pull": { "overlap_minutes": 0 } })).await;
    days(&centre);
    pulled(&world, json!({})).await;
    centre.mishap("/personnel", 1, &Mishap::HalfOfPeople);
    for minutes in [5, 20, 35] {
        let start = at("2026-06-01T12:00:00Z") + jiff::SignedDuration::from_mins(minutes);
        centre.contacts([Contact::missed("1", "z", start).taken("2", 60_000)]);
        world.wait(900);
        pulled(&world, json!({})).await;
    }
    is_kept(&world, &centre, ("2026-05-26T00:00:00Z", "2026-06-02T00:00:00Z")).await;
}

#[tokio::test]
async fn an_empty_personnel_is_no_personnel() {
    let (world, centre, _) = beside(json!({})).await;
    for agent in ["1", "2", "3"] {
        centre.forget(agent);
    }
    centre.service(simulators::contact_center::Service::new("1", "Empty"));
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "failed");
    let told = "The contact centre's answer to personnel cannot be read: it tells of nobody";
    assert_eq!(last["error"], told);
    assert_eq!(watermark(&world, "agentCallsData").await, json!(null));
    assert_eq!(state(&world).await["running"], json!(null));
}

#[tokio::test]
async fn an_id_that_cannot_stand_in_a_list_is_named() {
    let (world, centre, _) = beside(json!({})).await;
    centre.agent(Agent::new("0,1", "Comma", &["1"]));
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "failed");
    let error = last["error"].as_str().expect("words");
    assert!(error.contains("agents[0].id must be an id"), "{error}");
}
