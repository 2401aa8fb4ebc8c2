//! A receiver that is down for long: nothing is lost, its breaker leaves it alone, and
//! what it missed comes when it is back.

use std::time::Duration;

use axum::http::StatusCode;
use functions::integrations::webhooks;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::jobs::sweep;
use simulators::Fault;
use simulators::receiver::Receiver;
use tests::support::World;

use super::{deliveries, event, now, path, register, world};

fn down() -> Fault {
    Fault::Answer(StatusCode::SERVICE_UNAVAILABLE, String::new())
}

/// A webhook that failed ten times, so that its breaker is open.
async fn beside_an_open_breaker() -> (World, Receiver, Value) {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    receiver.faults.plan("POST", "/hook", 10, down());
    for case in 0..10 {
        event(&world, &format!("HR-{case}")).await;
    }
    world.deliver().await;
    (world, receiver, webhook)
}

async fn recover(world: &World, webhook: &Value, wanted: Value) -> Value {
    let path = format!("{}/recover", path(webhook));
    let answer = world.admin().send("POST", &path, wanted).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    answer.json
}

/// A recovery, once it is done.
async fn finished(world: &World, webhook: &Value, recovery: &Value) -> Value {
    let id = recovery["recovery_id"].as_str().expect("an id");
    let path = format!("{}/recoveries/{id}", path(webhook));
    for _ in 0..20 {
        world.deliver().await;
        let shown = world.admin().get(&path).await.json;
        if shown["status"] != "running" {
            return shown;
        }
        world.wait(20);
    }
    panic!("it never ended")
}

#[tokio::test]
async fn what_failed_is_counted_and_driven_anew() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    receiver.faults.plan("POST", "/hook", 1, down());
    event(&world, "HR-0").await;
    world.deliver().await;
    world.wait(60);
    let since = shared::web::to_the_second(world.clock.now_ms());
    receiver.faults.plan("POST", "/hook", 3, down());
    for case in 1..=5 {
        event(&world, &format!("HR-{case}")).await;
    }
    world.deliver().await;
    let counted = recover(&world, &webhook, json!({"since": since, "dry_run": true})).await;
    assert_eq!((&counted["status"], &counted["failed_count"]), (&json!("counted"), &json!(3)));
    assert_eq!(receiver.taken().len(), 2);
    let started = recover(&world, &webhook, json!({"since": since})).await;
    let done = finished(&world, &webhook, &started).await;
    assert_eq!((&done["status"], &done["recovered"]), (&json!("completed"), &json!(3)));
    world.deliver().await;
    assert_eq!(receiver.taken().len(), 5);
    let standing = deliveries(&world, &webhook).await;
    let failed: Vec<_> = standing.iter().filter(|one| one["delivery_status"] == "failed").collect();
    assert_eq!(failed.len(), 1, "what failed before stays as it is");
    let stats = world.admin().get("/integrations/webhooks/stats").await.json;
    assert_eq!(
        (&stats["deliveries"]["successful"], &stats["deliveries"]["failed"]),
        (&json!(5), &json!(1))
    );
}

#[tokio::test]
async fn a_disabled_webhook_is_enabled_and_gets_what_it_missed_in_one_step() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    receiver.faults.plan("POST", "/hook", 1, Fault::Answer(StatusCode::GONE, String::new()));
    event(&world, "HR-1").await;
    world.deliver().await;
    for case in 2..=70 {
        event(&world, &format!("HR-{case}")).await;
    }
    let path = path(&webhook);
    let refused = world
        .admin()
        .send("POST", &format!("{path}/recover"), json!({"since": "2026-06-01"}))
        .await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let enabled = world.admin().raw("POST", &format!("{path}/enable"), String::new()).await;
    assert_eq!(enabled.status, 202, "{}", enabled.text);
    let done = finished(&world, &webhook, &enabled.json).await;
    assert_eq!((&done["recovered"], &done["replayed"]), (&json!(1), &json!(69)), "{done}");
    world.deliver().await;
    assert_eq!(receiver.taken().len(), 70);
    assert_eq!(now(&world, &webhook).await["is_active"], true);
    assert_eq!(now(&world, &webhook).await["disabled_reason"], Value::Null);
    // Once more finds nothing that is missing.
    let again = recover(&world, &webhook, json!({"since": "2026-06-01", "missing": true})).await;
    let done = finished(&world, &webhook, &again).await;
    assert_eq!((&done["recovered"], &done["replayed"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn a_receiver_that_is_down_for_hours_loses_nothing_and_is_left_alone() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_policy": "standard"})).await;
    receiver.faults.plan("POST", "/hook", 100_000, down());
    for case in 0..20 {
        event(&world, &format!("HR-{case}")).await;
    }
    // Six hours.
    for _ in 0..180 {
        world.deliver().await;
        world.wait(120);
    }
    let waiting = deliveries(&world, &webhook).await;
    assert!(waiting.iter().all(|one| one["delivery_status"] == "pending"));
    // The breaker keeps most of the calls from being made at all.
    let tried: u64 = waiting.iter().filter_map(|one| one["retry_count"].as_u64()).sum();
    assert!((10..20 * 5).contains(&tried), "{tried} attempts");
    receiver.faults.clear();
    for _ in 0..24 * 4 {
        world.deliver().await;
        world.wait(15 * 60);
    }
    assert_eq!(receiver.taken().len(), 20);
    let stats = world.admin().get("/integrations/webhooks/stats").await.json;
    assert_eq!(stats["deliveries"]["pending"], 0);
}

#[tokio::test]
async fn only_thirty_days_back_can_be_recovered() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    for since in ["2026-05-01", "2026-06-02", "yesterday", ""] {
        let path = format!("{}/recover", path(&webhook));
        let refused = world.admin().send("POST", &path, json!({"since": since})).await;
        assert_eq!(refused.status, 422, "{since}");
        assert_eq!(refused.json["errors"][0]["field"], "since", "{}", refused.text);
    }
}

/// What has waited is all due at once when the receiver is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_back_is_not_overrun() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 10})).await;
    for case in 0..60 {
        event(&world, &format!("HR-{case}")).await;
    }
    receiver.faults.plan("POST", "/hook", 60, Fault::Delay(Duration::from_millis(20)));
    let worker = webhooks::worker(&world.env).expect("a worker");
    let lane = webhooks::lane(&world.env).expect("a lane");
    for _ in 0..200 {
        let hints = world.deliveries.take();
        let worked = hints.into_iter().map(|hint| webhooks::deliver(&worker, hint));
        for worked in join_all(worked).await {
            worked.expect("worked through");
        }
        if receiver.taken().len() == 60 {
            break;
        }
        world.wait(30);
        sweep(&lane).await.expect("a sweep");
    }
    assert_eq!(receiver.taken().len(), 60);
    assert!(receiver.most_at_once() <= 8, "{} at a time", receiver.most_at_once());
    let listed = deliveries(&world, &webhook).await;
    assert!(listed.iter().all(|one| one["retry_count"] == 0), "a wait is no attempt");
}

/// One that is down for four days is tried as Standard Webhooks proposes, and then given up.
#[tokio::test]
async fn the_standard_schedule_is_kept_for_days() {
    const WAITS: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_policy": "standard"})).await;
    receiver.faults.plan("POST", "/hook", 1000, down());
    event(&world, "HR-1").await;
    for _ in 0..10 {
        world.deliver().await;
        let delivery = deliveries(&world, &webhook).await.remove(0);
        let Some(at) = delivery["next_retry_at"].as_str() else { break };
        let at: jiff::Timestamp = at.parse().expect("a moment");
        let wait = at.as_millisecond() - world.clock.now_ms();
        world.clock.advance(Duration::from_millis(u64::try_from(wait).expect("later")));
    }
    let delivery = deliveries(&world, &webhook).await.remove(0);
    assert_eq!(delivery["delivery_status"], "failed");
    let one = format!("{}/deliveries/{}", path(&webhook), delivery["id"].as_str().expect("an id"));
    let attempts = world.admin().get(&one).await.json["attempts"].clone();
    let at = |attempt: &Value| attempt["at"].as_str().expect("a time").parse::<jiff::Timestamp>();
    let times: Vec<_> = attempts.as_array().expect("attempts").iter().map(at).collect();
    assert_eq!(times.len(), 10);
    for (pair, least) in times.windows(2).zip(WAITS) {
        let (earlier, later) = (pair[0].as_ref().expect("one"), pair[1].as_ref().expect("one"));
        let waited = later.as_second() - earlier.as_second();
        assert!((least..=least + least / 10 + 1).contains(&waited), "{waited} for {least}");
    }
}

/// While its breaker is open, what comes newly is not tried, and that costs it no attempt.
#[tokio::test]
async fn an_open_breaker_defers_without_an_attempt() {
    let (world, receiver, webhook) = beside_an_open_breaker().await;
    // What processes believe of a breaker they believe for two seconds.
    world.wait(3);
    event(&world, "HR-new").await;
    world.deliver().await;
    assert!(receiver.taken().is_empty(), "it would have been taken");
    let new = deliveries(&world, &webhook).await.remove(0);
    assert_eq!((&new["retry_count"], &new["delivery_status"]), (&json!(0), &json!("pending")));
    for _ in 0..10 {
        world.wait(120);
        world.deliver().await;
    }
    assert_eq!(receiver.taken().len(), 11);
    assert_eq!(deliveries(&world, &webhook).await[0]["retry_count"], 0);
}

#[tokio::test]
async fn what_was_sent_for_trial_is_not_what_anybody_else_missed() {
    let (world, receiver) = world().await;
    let first = register(&world, &receiver, json!({})).await;
    let second = register(&world, &receiver, json!({})).await;
    let example = json!({"event_type": "1c.schedule.sent"});
    let sent = format!("{}/send-example", path(&first));
    assert_eq!(world.admin().send("POST", &sent, example).await.status, 200);
    world.deliver().await;
    assert_eq!(receiver.taken().len(), 1);
    let again = recover(&world, &second, json!({"since": "2026-06-01", "missing": true})).await;
    let done = finished(&world, &second, &again).await;
    assert_eq!(done["replayed"], 0, "{done}");
    let live = world.admin().get("/live/messages").await.json;
    assert_eq!(live["messages"], json!([]), "{live}");
}

/// Whoever mends the address first and enables then loses nothing of what was missed.
#[tokio::test]
async fn what_was_missed_is_known_through_changes() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    receiver.faults.plan("POST", "/hook", 1, down());
    receiver.faults.plan("POST", "/hook", 1, Fault::Answer(StatusCode::GONE, String::new()));
    event(&world, "HR-1").await;
    world.deliver().await;
    world.wait(30);
    event(&world, "HR-2").await;
    world.deliver().await;
    assert_eq!(now(&world, &webhook).await["is_active"], false);
    world.wait(600);
    event(&world, "HR-3").await;
    world.wait(600);
    let mended = json!({"url": format!("{}/mended", receiver.url())});
    assert_eq!(world.admin().send("PUT", &path(&webhook), mended).await.status, 200);
    world.wait(600);
    event(&world, "HR-4").await;
    // A trial that goes well says nothing of what was missed.
    let test = format!("{}/test", path(&webhook));
    assert_eq!(world.admin().raw("POST", &test, String::new()).await.status, 200);
    world.deliver().await;
    assert_eq!(receiver.taken().len(), 1);
    let enable = format!("{}/enable", path(&webhook));
    let enabled = world.admin().raw("POST", &enable, String::new()).await;
    assert_eq!(enabled.status, 202, "{}", enabled.text);
    finished(&world, &webhook, &enabled.json).await;
    world.wait(100);
    world.deliver().await;
    let missed = receiver.taken().split_off(1);
    let mut cases: Vec<_> =
        missed.iter().map(|one| one.json()["payload"]["case_id"].to_string()).collect();
    cases.sort_unstable();
    assert_eq!(cases, ["\"HR-1\"", "\"HR-2\"", "\"HR-3\"", "\"HR-4\""]);
}

/// What failed at the old address says nothing of the new one.
#[tokio::test]
async fn a_new_address_closes_the_breaker() {
    let (world, receiver, webhook) = beside_an_open_breaker().await;
    let mended = json!({"url": format!("{}/mended", receiver.url())});
    assert_eq!(world.admin().send("PUT", &path(&webhook), mended).await.status, 200);
    world.wait(3);
    event(&world, "HR-new").await;
    world.deliver().await;
    assert_eq!(receiver.taken().len(), 1);
}

/// An answer of the old address does not disable a webhook that has another one now.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_of_an_old_address_changes_nothing() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let gone = Fault::Answer(StatusCode::GONE, String::new());
    let (reached, answer) = receiver.faults.plan_held("POST", "/hook", gone);
    event(&world, "HR-1").await;
    let change = async {
        reached.await.expect("a call");
        let mended = json!({"url": format!("{}/mended", receiver.url())});
        assert_eq!(world.admin().send("PUT", &path(&webhook), mended).await.status, 200);
        answer.send(()).expect("it waits");
    };
    tokio::join!(world.deliver(), change);
    assert_eq!(now(&world, &webhook).await["is_active"], true);
    assert_eq!(deliveries(&world, &webhook).await[0]["delivery_status"], "pending");
    world.wait(100);
    world.deliver().await;
    assert_eq!(receiver.taken()[0].path, "/mended");
}
