//! Pulls on demand: what can be asked for, what is told of it, and to whom.

use serde_json::{Value, json};
use simulators::receiver::Receiver;

use super::{PULL, beside, days, kept, logs, pulled, start, state, watermark, worked};
use crate::flows::integrations::webhooks::register;

#[tokio::test]
async fn a_period_and_kinds_can_be_asked_for_in_both_bases() {
    let (world, centre, id) = beside(json!({})).await;
    days(&centre);
    let wanted = json!({ "start_date": "2026-05-30", "end_date": "2026-05-31",
        "kinds": ["agentCallsData", "agentLoginData", "agentCallsData"] });
    let started = world.admin().send("POST", &format!("/api/v1{PULL}"), wanted.clone()).await;
    assert_eq!((started.status, &started.json["status"]), (200, &json!("started")));
    assert_eq!(started.json["start_date"], "2026-05-30T00:00:00Z");
    let sync = started.json["sync_id"].as_str().expect("an id");
    let again = start(&world, wanted).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.json["detail"], format!("A pull is under way: {sync}"));
    assert_eq!(state(&world).await["running"], sync);
    worked(&world).await;
    let told = world.admin().get(&format!("/api/v1{PULL}?connection_id={id}")).await.json;
    assert_eq!((&told["running"], &told["last"]["status"]), (&Value::Null, &json!("completed")));
    assert_eq!(told["last"]["kinds"].as_array().map(Vec::len), Some(2));
    assert_eq!(logs(&world, &id).await[0]["id"], sync);
    let day = ("2026-05-30T00:00:00Z", "2026-05-31T00:00:00Z");
    assert_eq!(kept(&world, super::METHODS[3], day).await.len(), 21);
    assert_eq!(kept(&world, super::METHODS[1], day).await.len(), 0);
}

#[tokio::test]
async fn a_period_behind_a_gap_moves_no_watermark_and_one_that_joins_does() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
    days(&centre);
    let kind = "agentCallsData";
    let of =
        |start: &str, end: &str| json!({ "start_date": start, "end_date": end, "kinds": [kind] });
    pulled(&world, of("2026-05-30", "2026-05-31")).await;
    assert_eq!(watermark(&world, kind).await, Value::Null, "what is before it is not known");
    let until = json!({ "end_date": "2026-06-01T06:00:00Z", "kinds": [kind] });
    pulled(&world, until).await;
    assert_eq!(watermark(&world, kind).await, "2026-06-01T06:00:00Z");
    pulled(&world, of("2026-06-01T08:00:00Z", "2026-06-01T09:00:00Z")).await;
    assert_eq!(watermark(&world, kind).await, "2026-06-01T06:00:00Z");
    pulled(&world, of("2026-06-01T05:00:00Z", "2026-06-01T07:00:00Z")).await;
    assert_eq!(watermark(&world, kind).await, "2026-06-01T07:00:00Z");
    pulled(&world, of("2026-06-01T05:00:00Z", "2026-06-01T06:00:00Z")).await;
    assert_eq!(watermark(&world, kind).await, "2026-06-01T07:00:00Z");
    // What is to come is not known yet.
    pulled(&world, of("2026-06-01T05:00:00Z", "2026-06-05")).await;
    assert_eq!(watermark(&world, kind).await, "2026-06-01T12:00:00Z");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_named() {
    let (world, centre, _) = beside(json!({})).await;
    for (wanted, field) in [
        (json!({ "start_date": "yesterday" }), "start_date"),
        (json!({ "start_date": "2026-06-02" }), "start_date"),
        (json!({ "end_date": 7 }), "end_date"),
        (json!({ "start_date": "2026-05-30", "end_date": "2026-05-30" }), "end_date"),
        (json!({ "start_date": "2020-05-30" }), "start_date"),
        (json!({ "kinds": [] }), "kinds"),
        (json!({ "kinds": ["calls"] }), "kinds[0]"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        let refused = start(&world, wanted.clone()).await;
        let named = (refused.status, &refused.json["errors"][0]["field"]);
        assert_eq!(named, (422, &json!(field)), "{wanted} {}", refused.text);
    }
    worked(&world).await;
    assert_eq!(centre.asked().len(), 0);
    let settings = json!({ "pull": { "first_days": 0 } });
    let refused = world.admin().send("PUT", "/integrations/cc/config", settings).await;
    let named = (refused.status, &refused.json["errors"][0]["field"]);
    assert_eq!(named, (422, &json!("config.pull.first_days")));
}

#[tokio::test]
async fn others_are_told_of_its_beginning_and_of_how_it_ended() {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
    days(&centre);
    let receiver = Receiver::start().await.expect("a receiver");
    register(&world, &receiver, json!({ "event_types": ["integration.sync.*"] })).await;
    let well = pulled(&world, json!({})).await;
    centre.mishap("/historic/agentCallsData", 100, &simulators::contact_center::Mishap::Fails);
    pulled(&world, json!({})).await;
    world.deliver().await;
    let told: Vec<Value> = receiver.taken().iter().map(|taken| taken.json()).collect();
    let kinds: Vec<&Value> = told.iter().map(|one| &one["event_type"]).collect();
    let [started, completed, failed] =
        ["started", "completed", "failed"].map(|end| json!(format!("integration.sync.{end}")));
    assert_eq!(kinds, [&started, &completed, &started, &failed]);
    let data = &told[1]["event_data"];
    assert_eq!((&data["sync_id"], &data["outcome"]), (&well["sync_id"], &json!("completed")));
    assert_eq!(data["records_processed"], well["records_processed"]);
    assert_eq!(told[3]["event_data"]["outcome"], "partial");
    let error = told[3]["event_data"]["error"].as_str().expect("words");
    assert!(error.starts_with("agentCallsData: The contact centre refuses"), "{error}");
}
