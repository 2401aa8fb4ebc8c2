//! Facts whose answer was lost, until a person has looked.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::Fault;
use simulators::onec::{Mishap, Zup};
use tests::support::{Answer, World};

use super::{ONEC, beside_1c, get, post, refusal, worked};

const ID: &str = "2026-06-02T09:00:00~a-1";

fn fact() -> Value {
    json!([worked("a-1", 2, "09:00", "17:00", 8.0)])
}

async fn resolve(world: &World, outcome: &str) -> Answer {
    let body = json!({"outcome": outcome, "reason": "looked into 1C"});
    world.admin().send("POST", &format!("{ONEC}/facts/{ID}/resolve"), body).await
}

/// Sends the fact, whose answer is lost.
async fn lose(world: &World, zup: &Zup, mishap: &Mishap) {
    zup.mishap("sendFactWorkTime", 1, mishap);
    let answer = post(world, "sendFactWorkTime", fact()).await;
    let result = &answer.json["data"]["results"][0];
    let shown = (answer.status, &result["success"], &result["state"]);
    assert_eq!(shown, (200, &json!(false), &json!("unknown")), "{}", answer.text);
}

#[tokio::test]
async fn a_lost_answer_is_never_sent_again_blindly() {
    let (world, zup) = beside_1c().await;
    for (times, mishap) in
        [Mishap::BreaksOff, Mishap::HtmlPage, Mishap::Exception("Деление на 0".to_owned())]
            .into_iter()
            .enumerate()
    {
        lose(&world, &zup, &mishap).await;
        assert_eq!(zup.calls("sendFactWorkTime"), times + 1, "it was tried again");
        let again = post(&world, "sendFactWorkTime", fact()).await.json;
        let words = again["data"]["results"][0]["message"].as_str().expect("words");
        assert!(words.contains("being sent"), "{words}");
        world.wait(61);
        let again = post(&world, "sendFactWorkTime", fact()).await.json;
        let words = again["data"]["results"][0]["message"].as_str().expect("words");
        assert!(words.contains("is not known"), "{words}");
        assert_eq!(zup.calls("sendFactWorkTime"), times + 1, "it was tried again");
        let listed = get(&world, "facts?state=unknown").await;
        let shown = (&listed[0]["id"], &listed[0]["day_hours"], &listed[0]["state"]);
        assert_eq!(shown, (&json!(ID), &json!(8.0), &json!("unknown")));
        assert_eq!(resolve(&world, "did_not_happen").await.status, 200);
        assert_eq!(get(&world, "facts?state=unknown").await, json!([]));
    }
    // The first attempt did make its document; whoever looked overlooked it.
    assert_eq!(zup.documents().len(), 1);
    assert_eq!(post(&world, "sendFactWorkTime", fact()).await.json["success"], true);
}

#[tokio::test]
async fn what_happened_is_not_sent_again() {
    let (world, zup) = beside_1c().await;
    lose(&world, &zup, &Mishap::BreaksOff).await;
    let early = resolve(&world, "happened").await;
    assert_eq!(
        (early.status, refusal(&early).2.as_str()),
        (409, "It is being sent at this moment")
    );
    world.wait(61);
    let settled = resolve(&world, "happened").await;
    let shown = (settled.status, &settled.json["state"]);
    assert_eq!(shown, (200, &json!("sent")), "{}", settled.text);
    let why = settled.json["resolution"].as_str().expect("a reason");
    assert!(why.ends_with(": looked into 1C"), "{why}");
    let again = post(&world, "sendFactWorkTime", fact()).await.json;
    assert_eq!(
        (&again["success"], &again["data"]["results"][0]["repeated"]),
        (&json!(true), &json!(true))
    );
    assert_eq!((zup.calls("sendFactWorkTime"), zup.documents().len()), (1, 1));
    let late = resolve(&world, "happened").await;
    assert_eq!((late.status, refusal(&late).2.as_str()), (409, "Its outcome is known"));
    let trail = world.admin().get("/api/v1/audit-logs?action=1c.fact.resolve").await.json;
    let entry = &trail[0]["details"];
    assert_eq!(
        (trail.as_array().map(Vec::len), &entry["reason"]),
        (Some(1), &json!("looked into 1C"))
    );
    // The document was deleted in 1C: another one may be made.
    zup.delete_document(1);
    assert_eq!(resolve(&world, "did_not_happen").await.json["state"], "not_sent");
    let other = json!([worked("a-1", 2, "09:00", "16:00", 7.0)]);
    assert_eq!(post(&world, "sendFactWorkTime", other).await.json["success"], true);
    assert_eq!(zup.documents().len(), 1);
}

#[tokio::test]
async fn two_who_settle_at_the_same_instant_do_so_once() {
    let (world, zup) = beside_1c().await;
    lose(&world, &zup, &Mishap::BreaksOff).await;
    world.wait(61);
    let (one, two) = tokio::join!(resolve(&world, "happened"), resolve(&world, "did_not_happen"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    // Who reads what the other one settled may find it settled well and take it back.
    assert!(statuses == [200, 409] || statuses == [200, 200], "{statuses:?}");
    if statuses == [200, 409] {
        let winner =
            if one.status == 200 { one.json["state"].clone() } else { two.json["state"].clone() };
        let again = post(&world, "sendFactWorkTime", fact()).await.json;
        let repeated = &again["data"]["results"][0]["repeated"];
        assert_eq!(repeated == &json!(true), winner == "sent", "{again}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_a_lost_one_and_the_vendor_s_caller_is_told_so() {
    let (world, zup) = beside_1c().await;
    let config = json!({"timeout_seconds": 1, "retry_attempts": 3});
    world.admin().send("PUT", &format!("{ONEC}/config"), config).await;
    zup.faults.plan("POST", "/sendFactWorkTime", 1, Fault::Delay(Duration::from_millis(1500)));
    let sample = json!({"agentId": "a-1", "initiator_name": "Иванов И.И.",
        "date_start": "2026-06-02T09:00:00", "loginfo": [
            {"start": "2026-06-02T09:00:00", "time": 900_000}]});
    let answer = post(&world, "sendFactWorkTime", sample.clone()).await;
    let (status, _, detail) = refusal(&answer);
    assert_eq!(status, 504, "{detail}");
    assert!(detail.contains(ID), "{detail}");
    assert_eq!(answer.json["error_type"], "unknown_outcome");
    assert_eq!(post(&world, "sendFactWorkTime", sample).await.status, 504);
    assert!(zup.calls("sendFactWorkTime") <= 1, "it was tried again");
}

#[tokio::test]
async fn what_is_wrong_with_a_resolution_is_named() {
    let (world, zup) = beside_1c().await;
    lose(&world, &zup, &Mishap::BreaksOff).await;
    world.wait(61);
    let path = format!("{ONEC}/facts/{ID}/resolve");
    for (body, status, field) in [
        (json!({}), 422, "outcome"),
        (json!({"outcome": "maybe", "reason": "x"}), 422, "outcome"),
        (json!({"outcome": "happened"}), 422, "reason"),
        (json!({"outcome": "happened", "reason": " "}), 422, "reason"),
        (json!({"outcome": "happened", "reason": "я".repeat(1001)}), 422, "reason"),
    ] {
        let refused = world.admin().send("POST", &path, body).await;
        assert_eq!((refused.status, refusal(&refused).1.as_str()), (status, field));
    }
    let body = json!({"outcome": "happened", "reason": "x"});
    for id in ["2026-06-02T09:00:00~a-2", "x", "%2F"] {
        let path = format!("{ONEC}/facts/{id}/resolve");
        assert_eq!(world.admin().send("POST", &path, body.clone()).await.status, 404, "{id}");
    }
    for (query, field) in
        [("", "query"), ("?state=sent", "state"), ("?state=unknown&limit=0", "limit")]
    {
        let refused = world.admin().get(&format!("{ONEC}/facts{query}")).await;
        assert_eq!(refused.status, 422, "{field}: {}", refused.text);
    }
}
