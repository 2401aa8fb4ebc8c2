//! Replays: counted first, driven oldest first at their pace, paused, resumed and ended by
//! people, and never twice.

use functions::pega;
use serde_json::{Value, json};
use shared::jobs::sweep;
use shared::tenant::Tenant;
use tests::support::{Answer, Target, World, events};

use super::beside_no_pega;

async fn send(world: &World, body: &Value) -> i64 {
    let answer = world.admin().send("POST", "/webhook/pega", body.clone()).await;
    answer.json["eventId"].as_i64().expect("a number")
}

async fn start(world: &World, body: Value) -> Answer {
    world.admin().send("POST", "/events/replays", body).await
}

async fn replay(world: &World, id: &str) -> Value {
    world.admin().get(&format!("/events/replays/{id}")).await.json
}

/// The numbers of the events that were driven anew, in the order of that.
async fn driven(world: &World, ids: &[i64]) -> Vec<i64> {
    let mut driven = Vec::new();
    for id in ids {
        let history = world.admin().get(&format!("/events/{id}/history")).await.json;
        for entry in history.as_array().expect("a list") {
            if entry["what"] == "replayed" {
                driven.push((entry["at"].as_str().expect("a moment").to_owned(), *id));
            }
        }
    }
    driven.sort();
    driven.into_iter().map(|(_, id)| id).collect()
}

/// What nobody worked through is, once there is a rule for it.
pub async fn of_a_new_type(target: &Target) {
    let admin = target.admin();
    let kind = format!("type_{}", shared::ids::unique());
    let body = json!({ "caseId": events::new_case(), "event": kind });
    let id = admin.event(&body).await.event_id();
    let path = format!("/events/{id}");
    admin.get_when(&path, |event| !event["processed_at"].is_null()).await;
    super::steps::change_rules(&admin, &format!("[events.{kind}]")).await;
    let query = json!({ "status": "ignored", "event": kind, "reason": "a rule", "dry_run": true });
    let count = admin.post_json("/events/replays", &query).await;
    assert_eq!(count.json, json!({ "dry_run": true, "matched": 1, "more": false }));
    let query = json!({ "status": "ignored", "event": kind, "reason": "a rule" });
    let made = admin.post_json("/events/replays", &query).await;
    assert_eq!(made.status, 202, "{}", made.text);
    admin.get_when(&path, |event| event["status"] == "processed").await;
    let replay = format!("/events/replays/{}", made.json["id"].as_str().expect("an id"));
    let seen = admin.get_when(&replay, |replay| replay["status"] == "completed").await;
    assert_eq!((&seen["found"], &seen["driven"]), (&json!(1), &json!(1)), "{seen:#}");
    assert_eq!(admin.delete("/pega/rules").await.status, 200);
}

#[tokio::test]
async fn failed_events_are_driven_anew_oldest_first_at_the_pace_that_is_given() {
    let world = beside_no_pega().await;
    let mut failed = Vec::new();
    for number in 0..130 {
        failed.push(send(&world, &events::high_risk(&format!("CASE {}", number % 3))).await);
        if number % 10 == 0 {
            send(&world, &events::role_change("CASE 1")).await;
        }
    }
    world.work().await;
    let count = start(&world, json!({ "dry_run": true })).await;
    assert_eq!(count.json, json!({ "dry_run": true, "matched": 130, "more": false }));
    let wanted = json!({ "reason": "Pega was away", "pace": 50 });
    let made = start(&world, wanted).await;
    assert_eq!((made.status, &made.json["status"]), (202, &json!("counting")), "{}", made.text);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    world.work().await;
    let seen = replay(&world, &id).await;
    // The oldest of three pages first, and not more than fifty a second.
    assert_eq!((&seen["status"], &seen["found"]), (&json!("running"), &json!(130)), "{seen:#}");
    let first = seen["driven"].as_i64().expect("a count");
    assert!((1..=50).contains(&first), "{seen:#}");
    while replay(&world, &id).await["status"] == "running" {
        let before = replay(&world, &id).await["driven"].as_i64().expect("a count");
        world.wait(1);
        world.work().await;
        let after = replay(&world, &id).await["driven"].as_i64().expect("a count");
        assert!((before..=before + 50).contains(&after), "{before} to {after}");
    }
    let seen = replay(&world, &id).await;
    assert_eq!(seen["status"], "completed", "{seen:#}");
    assert_eq!((&seen["driven"], &seen["passed_over"]), (&json!(130), &json!(0)));
    assert_eq!(seen["reason"], "Pega was away");
    assert!(seen["created_by"].as_str().expect("who").starts_with("key:"), "{seen:#}");
    assert!(driven(&world, &failed).await.is_sorted(), "an order was lost");
    let (mut found, mut path) = (Vec::new(), format!("/events/replays/{id}/events"));
    loop {
        let page = world.admin().get(&path).await;
        found.extend(page.json.as_array().expect("a list").iter().cloned());
        let Some(link) = page.headers.get("link") else { break };
        let link = link.to_str().expect("text").trim_start_matches('<');
        let next = link.split('>').next().expect("an address");
        path = format!("/events/replays/{id}/events{next}");
    }
    let ids: Vec<_> = found.iter().map(|event| event["event_id"].as_i64()).collect();
    assert_eq!(ids, failed.iter().copied().map(Some).collect::<Vec<_>>());
    let again = |event: &Value| event["driven"] == true && event["status"] == "failed";
    assert!(found.iter().all(again), "{:#}", found[0]);
    let event = world.admin().get(&format!("/events/{}/history", failed[0])).await.json;
    let what: Vec<_> = event.as_array().expect("a list").iter().map(|e| &e["what"]).collect();
    assert_eq!(what, ["attempt_failed", "replayed", "attempt_failed"]);
    assert_eq!(event[1]["details"]["reason"], "Pega was away");
}

/// Those of one step share their moment, so their order shows in whose hint comes first.
#[tokio::test]
async fn within_a_second_the_oldest_is_driven_first() {
    let world = beside_no_pega().await;
    let mut failed = Vec::new();
    for number in 0..10 {
        failed.push(send(&world, &events::high_risk(&format!("CASE {number}"))).await);
    }
    world.work().await;
    let made = start(&world, json!({ "reason": "Pega was away", "pace": 50 })).await;
    assert_eq!(made.status, 202, "{}", made.text);
    let tenant = Tenant::parse("default").expect("a name");
    let worker = pega::worker(&world.env).expect("a worker");
    let mut driven = Vec::new();
    while driven.len() < failed.len() {
        sweep(&pega::lane(&world.env).expect("a lane")).await.expect("a sweep");
        let hints = world.events.take();
        assert!(!hints.is_empty(), "only {driven:?} were driven");
        for hint in hints {
            match tenant.id_in("E", &hint.key.pk) {
                Some(id) => driven.push(id.parse::<i64>().expect("a number")),
                None => pega::deliver(&worker, hint).await.expect("worked through"),
            }
        }
    }
    assert_eq!(driven, failed);
}

#[tokio::test]
async fn a_replay_is_paused_resumed_and_ended() {
    let world = beside_no_pega().await;
    for _ in 0..5 {
        send(&world, &events::high_risk("CASE")).await;
    }
    world.work().await;
    let made = start(&world, json!({ "reason": "again", "pace": 1 })).await;
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let ask = async |verb: &str| {
        let path = format!("/events/replays/{id}/{verb}");
        world.admin().send("POST", &path, Value::Null).await
    };
    world.work().await;
    let before = replay(&world, &id).await["driven"].clone();
    assert_eq!(ask("pause").await.json["status"], "paused");
    for _ in 0..3 {
        world.wait(5);
        world.work().await;
    }
    assert_eq!(replay(&world, &id).await["driven"], before, "it waits");
    assert_eq!(ask("resume").await.json["status"], "running");
    // The hint at it is lost; the sweeper finds it.
    world.events.take();
    world.wait(1);
    world.work().await;
    let after = replay(&world, &id).await["driven"].as_i64();
    assert!(after > before.as_i64(), "{before} {after:?}");
    ask("cancel").await;
    world.wait(1);
    world.work().await;
    let seen = replay(&world, &id).await;
    assert_eq!((&seen["status"], seen["driven"].as_i64()), (&json!("cancelled"), after));
    for verb in ["pause", "resume", "cancel"] {
        assert_eq!(ask(verb).await.status, 409, "{verb}");
    }
}

#[tokio::test]
async fn events_that_changed_meanwhile_are_passed_over_and_others_are_let_be() {
    let world = beside_no_pega().await;
    let other = send(&world, &events::role_change("C")).await;
    let failed =
        [send(&world, &events::high_risk("A")).await, send(&world, &events::high_risk("B")).await];
    let ignored = send(&world, &json!({ "caseId": "C", "event": "unheard_of" })).await;
    world.work().await;
    let made = start(&world, json!({ "reason": "again", "pace": 1 })).await;
    let id = made.json["id"].as_str().expect("an id").to_owned();
    // One is driven by hand and waits for its turn when the replay comes to it.
    let path = format!("/events/{}/reprocess", failed[1]);
    world.work().await;
    world.admin().send("POST", &path, Value::Null).await;
    while replay(&world, &id).await["status"] == "running" {
        world.wait(1);
        world.work().await;
    }
    let seen = replay(&world, &id).await;
    assert_eq!(seen["found"], 2, "{seen:#}");
    assert_eq!(driven(&world, &[other, ignored]).await, [] as [i64; 0]);
    // What nobody worked through, once there is a rule for it.
    let rules = json!({ "text": "[events.unheard_of]\n" });
    world.admin().send("PUT", "/pega/rules", rules).await;
    start(&world, json!({ "reason": "new rule", "status": "ignored" })).await;
    world.work().await;
    let event = world.admin().get(&format!("/events/{ignored}")).await.json;
    assert_eq!(event["status"], "processed", "{event:#}");
    // What was done is done again only when that is said.
    let refused = start(&world, json!({ "reason": "all", "status": "processed" })).await;
    assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("afresh")));
    let again =
        json!({ "reason": "all", "status": "processed", "afresh": true, "event": "unheard_of" });
    start(&world, again).await;
    world.work().await;
    assert_eq!(driven(&world, &[ignored, other]).await, [ignored, ignored]);
}

#[tokio::test]
async fn what_is_wrong_with_a_replay_is_told() {
    let world = beside_no_pega().await;
    for (body, field) in [
        (json!({}), "reason"),
        (json!({ "reason": "  " }), "reason"),
        (json!({ "reason": "x".repeat(501) }), "reason"),
        (json!({ "reason": "r", "pace": 0 }), "pace"),
        (json!({ "reason": "r", "pace": 51 }), "pace"),
        (json!({ "reason": "r", "since": "soon" }), "since"),
        (json!({ "reason": "r", "status": "received" }), "status"),
        (json!({ "reason": "r", "who": "me" }), "who"),
    ] {
        let answer = start(&world, body.clone()).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert!(answer.text.contains(field), "{body}: {}", answer.text);
    }
    assert_eq!(world.admin().get("/events/replays").await.json, json!([]));
    assert_eq!(world.admin().get("/events/replays/none").await.status, 404);
    for number in 0..5 {
        start(&world, json!({ "reason": format!("number {number}") })).await;
        world.wait(1);
    }
    let page = world.admin().get("/events/replays?limit=2").await;
    let link = page.headers["link"].to_str().expect("text").to_owned();
    let next = link.trim_start_matches('<').split('>').next().expect("an address").to_owned();
    let reasons = |page: &Value| -> Vec<String> {
        let rows = page.as_array().expect("a list").iter();
        rows.map(|row| row["reason"].as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(reasons(&page.json), ["number 4", "number 3"]);
    let page = world.admin().get(&format!("/events/replays{next}")).await;
    assert_eq!(reasons(&page.json), ["number 2", "number 1"]);
}
