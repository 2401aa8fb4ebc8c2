//! What is asked for: days of the contact centre, so many ids at once, from the watermark on
//! and a little before.

use serde_json::json;

use super::{METHODS, asked, beside, configure, days, is_kept, pulled, watermark};

#[tokio::test]
async fn everything_of_the_first_days_is_kept_once() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 2, "ids_at_once": 2 } })).await;
    days(&centre);
    let last = pulled(&world, json!({})).await;
    assert_eq!(last["status"], "completed", "{last:#}");
    is_kept(&world, &centre, ("2026-05-30T12:00:00Z", "2026-06-01T12:00:00Z")).await;
    for (method, _) in METHODS {
        assert_eq!(watermark(&world, method).await, "2026-06-01T12:00:00Z");
    }
    let count = |kind: &str| {
        let kinds = last["kinds"].as_array().expect("kinds").iter();
        kinds.filter(|one| one["kind"] == kind).map(|one| one["records"].as_i64()).next().flatten()
    };
    // Noon to noon of two days: seven contacts of each of three agents on each.
    assert_eq!(count("agentCallsData"), Some(42));
    // Two a day, of which one goes on over midnight, and is told of both days.
    assert_eq!(count("agentLoginData"), Some(18));
}

#[tokio::test]
async fn no_request_is_longer_than_a_day_or_names_more_than_it_may() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 2, "ids_at_once": 2 } })).await;
    pulled(&world, json!({})).await;
    let starts = asked(&centre, "agentCallsData", "startDate");
    let ends = asked(&centre, "agentCallsData", "endDate");
    let (noon, midnights) =
        (["2026-05-30T12:00:00Z"], ["2026-05-31T00:00:00Z", "2026-06-01T00:00:00Z"]);
    let twice = |moments: Vec<&str>| -> Vec<String> {
        moments.iter().flat_map(|moment| [*moment, *moment]).map(str::to_owned).collect()
    };
    assert_eq!(starts, twice([&noon[..], &midnights[..]].concat()));
    assert_eq!(ends, twice([&midnights[..], &["2026-06-01T12:00:00Z"]].concat()));
    let ids = asked(&centre, "agentCallsData", "agentId");
    assert_eq!(ids, ["1,2", "3", "1,2", "3", "1,2", "3"]);
    assert_eq!(asked(&centre, "serviceGroupData", "step"), ["900000"; 3]);
    // A day's time is told of the part of it that is asked for, so whole days are.
    let chats = asked(&centre, "agentChatsWorkTime", "startDate");
    assert_eq!(chats[0], "2026-05-30T00:00:00Z");
}

#[tokio::test]
async fn long_ids_make_more_requests() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
    for agent in 0..60 {
        let id = format!("{agent:0>100}");
        centre.agent(simulators::contact_center::Agent::new(&id, "A", &["1"]));
    }
    pulled(&world, json!({ "kinds": ["agentCallsData"] })).await;
    let ids = asked(&centre, "agentCallsData", "agentId");
    assert_eq!(ids.len(), 4, "{ids:?}");
    assert!(ids.iter().all(|list| list.len() < 4000));
    let mut all: Vec<&str> = ids[..2].iter().flat_map(|list| list.split(',')).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 63);
}

#[tokio::test]
async fn the_next_pull_begins_before_the_end_of_the_last() {
    let (world, centre, _) = beside(json!({ "pull": { "overlap_minutes": 130 } })).await;
    days(&centre);
    pulled(&world, json!({})).await;
    let before = METHODS.map(|(method, _)| asked(&centre, method, "startDate").len());
    world.wait(1800);
    pulled(&world, json!({})).await;
    let first = |at: usize| {
        asked(&centre, METHODS[at].0, "startDate").get(before[at]).cloned().expect("a call")
    };
    assert_eq!(first(0), "2026-06-01T09:45:00Z", "the beginning of an interval");
    for at in [1, 2, 3] {
        assert_eq!(first(at), "2026-06-01T09:50:00Z");
    }
    assert_eq!(first(4), "2026-06-01T00:00:00Z", "the beginning of a day");
    for (method, _) in METHODS {
        assert_eq!(watermark(&world, method).await, "2026-06-01T12:30:00Z");
    }
    is_kept(&world, &centre, ("2026-05-26T00:00:00Z", "2026-06-02T00:00:00Z")).await;
}

#[tokio::test]
async fn without_an_overlap_no_interval_or_day_is_kept_by_half() {
    let (world, centre, _) = beside(json!({ "pull": { "overlap_minutes": 0 } })).await;
    days(&centre);
    // In the middle of an interval that has a contact before and after.
    world.wait(450);
    for seconds in [10, 460] {
        let start = super::at("2026-06-01T12:00:00Z") + jiff::SignedDuration::from_secs(seconds);
        let contact = simulators::contact_center::Contact::missed("1", "c", start);
        centre.contacts([contact.taken("1", 1000)]);
    }
    pulled(&world, json!({})).await;
    world.wait(600);
    pulled(&world, json!({})).await;
    is_kept(&world, &centre, ("2026-05-26T00:00:00Z", "2026-06-02T00:00:00Z")).await;
}

#[tokio::test]
async fn days_are_those_of_the_connection_s_zone() {
    let (world, centre, _) = beside(json!({})).await;
    centre.habits(|habits| habits.place = jiff::tz::offset(3));
    configure(
        &world,
        json!({ "time_zone": "Europe/Moscow", "pull": { "first_days": 2, "step_minutes": 15 } }),
    )
    .await;
    days(&centre);
    pulled(&world, json!({})).await;
    let starts = asked(&centre, "agentCallsData", "startDate");
    assert_eq!(
        starts,
        ["2026-05-30T15:00:00+03:00", "2026-05-31T00:00:00+03:00", "2026-06-01T00:00:00+03:00"]
    );
    let days = ("2026-05-31T00:00:00+03:00", "2026-06-02T00:00:00+03:00");
    is_kept(&world, &centre, days).await;
}
