//! What is done when a receiver does not take a message: when it is tried again, when
//! that ends, and when its webhook is disabled.

use std::time::Duration;

use axum::http::StatusCode;
use functions::integrations::webhooks;
use serde_json::{Value, json};
use simulators::Fault;

use super::{deliveries, event, now, path, register, world};

fn refusal(status: StatusCode) -> Fault {
    Fault::Answer(status, "as planned".to_owned())
}

/// The seconds that a delivery waits now.
fn wait(delivery: &Value, now: i64) -> i64 {
    let at: jiff::Timestamp =
        delivery["next_retry_at"].as_str().expect("a time").parse().expect("one");
    (at.as_millisecond() - now) / 1000
}

#[tokio::test]
async fn a_delivery_is_tried_again_as_scheduled_and_then_given_up() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    register(
        &world,
        &receiver,
        json!({"event_types": ["webhook.delivery.failed"],
        "url": format!("{}/notice", receiver.url())}),
    )
    .await;
    receiver.faults.plan("POST", "/hook", 4, refusal(StatusCode::INTERNAL_SERVER_ERROR));
    event(&world, "HR-1").await;
    for (attempt, least) in [(1, 60), (2, 120), (3, 240)] {
        world.deliver().await;
        let delivery = deliveries(&world, &webhook).await.remove(0);
        assert_eq!(delivery["delivery_status"], "pending");
        assert_eq!(
            (&delivery["retry_count"], &delivery["http_status"]),
            (&json!(attempt), &json!(500))
        );
        assert_eq!(
            (&delivery["error_class"], &delivery["response_body"]),
            (&json!("http"), &json!("as planned"))
        );
        assert_eq!(delivery["error_message"], "HTTP 500: as planned");
        let waits = wait(&delivery, world.clock.now_ms());
        assert!((least..=least + least / 10).contains(&waits), "{attempt}: {waits}");
        // Not before its time.
        world.wait(u64::try_from(least).expect("positive") - 1);
        world.deliver().await;
        assert_eq!(deliveries(&world, &webhook).await[0]["retry_count"], attempt);
        world.wait(30);
    }
    world.deliver().await;
    let failed = deliveries(&world, &webhook).await.remove(0);
    assert_eq!(
        (&failed["delivery_status"], &failed["next_retry_at"]),
        (&json!("failed"), &Value::Null)
    );
    let notice = receiver.took(1).await.remove(0);
    assert_eq!(
        (notice.path.as_str(), &notice.json()["event_type"]),
        ("/notice", &json!("webhook.delivery.failed"))
    );
    assert_eq!(notice.json()["payload"]["delivery_id"], failed["id"]);
}

#[tokio::test]
async fn a_delivery_that_was_given_up_is_driven_anew_by_a_person() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 1})).await;
    receiver.faults.plan("POST", "/hook", 2, refusal(StatusCode::INTERNAL_SERVER_ERROR));
    event(&world, "HR-1").await;
    for _ in 0..2 {
        world.deliver().await;
        world.wait(90);
    }
    let failed = deliveries(&world, &webhook).await.remove(0);
    assert_eq!(failed["delivery_status"], "failed");
    // It has all of its attempts again, and the same id.
    let one = format!("{}/deliveries/{}", path(&webhook), failed["id"].as_str().expect("an id"));
    let driven = world.admin().send("POST", &format!("{one}/retry"), Value::Null).await;
    assert_eq!(driven.status, 200, "{}", driven.text);
    world.deliver().await;
    let taken = receiver.took(1).await.remove(0);
    assert_eq!(failed["id"], taken.header("webhook-id"));
    let shown = world.admin().get(&one).await.json;
    assert_eq!(shown["delivery_status"], "delivered");
    let attempts = shown["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), 3);
    assert_eq!(
        (&attempts[0]["error_class"], &attempts[2]["error_class"]),
        (&json!("http"), &Value::Null)
    );
}

#[tokio::test]
async fn each_way_of_not_taking_a_message_has_its_class() {
    let (world, receiver) = world().await;
    let timeouts = json!({"timeout_seconds": 1});
    let webhook = register(&world, &receiver, timeouts).await;
    let private = "http://127.0.0.1:1/".to_owned();
    for (fault, class, status) in [
        (Fault::Redirect(private), "redirect", json!(302)),
        (refusal(StatusCode::NOT_FOUND), "http", json!(404)),
        (Fault::Busy(StatusCode::TOO_MANY_REQUESTS, 900), "http", json!(429)),
        (Fault::Cut, "broken", Value::Null),
        (Fault::Stall, "timeout", Value::Null),
        (Fault::Delay(Duration::from_secs(5)), "timeout", Value::Null),
    ] {
        receiver.faults.plan("POST", "/hook", 1, fault.clone());
        event(&world, "HR-1").await;
        world.deliver().await;
        let delivery = deliveries(&world, &webhook).await.remove(0);
        assert_eq!(
            (&delivery["error_class"], &delivery["http_status"]),
            (&json!(class), &status),
            "{fault:?}"
        );
        assert_eq!(delivery["delivery_status"], "pending");
        let waits = wait(&delivery, world.clock.now_ms());
        let least = if status == 429 { 900 } else { 60 };
        assert!((least..=least + least / 10).contains(&waits), "{fault:?}: {waits}");
        let found =
            world.admin().get(&format!("{}/deliveries?error_class={class}", path(&webhook))).await;
        assert_eq!(found.json[0]["id"], delivery["id"]);
    }
    // Each is delivered in the end, under the id that it had.
    world.wait(1000);
    world.deliver().await;
    let listed = deliveries(&world, &webhook).await;
    assert!(listed.iter().all(|one| one["delivery_status"] == "delivered"), "{listed:?}");
    let mut ids: Vec<_> =
        receiver.taken().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled_with_notice() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let notice = format!("{}/notice", receiver.url());
    register(&world, &receiver, json!({"event_types": ["webhook.endpoint.*"], "url": notice}))
        .await;
    receiver.faults.plan("POST", "/hook", 1, refusal(StatusCode::GONE));
    event(&world, "HR-1").await;
    world.deliver().await;
    let disabled = now(&world, &webhook).await;
    assert_eq!(disabled["is_active"], false);
    assert!(disabled["disabled_reason"].as_str().expect("a reason").contains("410"));
    assert_eq!(deliveries(&world, &webhook).await[0]["delivery_status"], "failed");
    let told = receiver.took(1).await.remove(0).json();
    assert_eq!(told["event_type"], "webhook.endpoint.disabled");
    assert_eq!(told["payload"]["webhook_id"], webhook["id"]);
    let trail = world.admin().get("/api/v1/audit-logs?action=webhook.disable").await.json;
    assert_eq!((&trail[0]["actor"], trail.as_array().map(Vec::len)), (&json!("system"), Some(1)));
    // Nothing is on its way there any more.
    event(&world, "HR-2").await;
    world.deliver().await;
    assert_eq!(deliveries(&world, &webhook).await.len(), 1);
}

#[tokio::test]
async fn a_receiver_that_fails_for_days_is_warned_of_and_disabled() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    let notice = format!("{}/notice", receiver.url());
    register(&world, &receiver, json!({"event_types": ["webhook.endpoint.*"], "url": notice}))
        .await;
    receiver.faults.plan("POST", "/hook", 1000, refusal(StatusCode::SERVICE_UNAVAILABLE));
    let kinds =
        || receiver.taken().iter().map(|one| one.json()["event_type"].clone()).collect::<Vec<_>>();
    for hours in 0..=59 {
        event(&world, &format!("HR-{hours}")).await;
        world.deliver().await;
        world.wait(3600);
    }
    assert!(now(&world, &webhook).await["failing_since"].is_string());
    assert!(kinds().is_empty(), "{:?}", kinds());
    for hours in 60..120 {
        event(&world, &format!("HR-{hours}")).await;
        world.deliver().await;
        world.wait(3600);
    }
    assert_eq!(kinds(), ["webhook.endpoint.failing"]);
    assert_eq!(now(&world, &webhook).await["is_active"], true);
    event(&world, "HR-120").await;
    world.deliver().await;
    assert_eq!(kinds(), ["webhook.endpoint.failing", "webhook.endpoint.disabled"]);
    assert_eq!(now(&world, &webhook).await["is_active"], false);
}

#[tokio::test]
async fn one_that_is_seldom_called_is_warned_of_before_it_is_disabled() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    receiver.faults.plan("POST", "/hook", 1000, refusal(StatusCode::SERVICE_UNAVAILABLE));
    for (hours, active) in [(0, true), (200, true), (0, true), (2, false)] {
        world.wait(hours * 3600);
        event(&world, "HR-1").await;
        world.deliver().await;
        assert_eq!(now(&world, &webhook).await["is_active"], active, "after {hours} hours");
    }
    let trail = world.admin().get("/api/v1/audit-logs?action=webhook.warn").await.json;
    assert_eq!(trail.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn one_success_ends_what_is_known_of_failing() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    receiver.faults.plan("POST", "/hook", 1, refusal(StatusCode::BAD_GATEWAY));
    event(&world, "HR-1").await;
    world.deliver().await;
    assert!(now(&world, &webhook).await["failing_since"].is_string());
    event(&world, "HR-2").await;
    world.deliver().await;
    assert!(now(&world, &webhook).await["failing_since"].is_null());
}

#[tokio::test]
async fn of_a_long_answer_the_beginning_is_kept() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({})).await;
    let long = Fault::Answer(StatusCode::BAD_GATEWAY, "é".repeat(100_000));
    receiver.faults.plan("POST", "/hook", 1, long);
    event(&world, "HR-1").await;
    world.deliver().await;
    let delivery = deliveries(&world, &webhook).await.remove(0);
    let shown = delivery["response_body"].as_str().expect("a text");
    assert_eq!((shown.chars().count(), shown.chars().next()), (1000, Some('é')));
    let one = format!("{}/deliveries/{}", path(&webhook), delivery["id"].as_str().expect("an id"));
    let kept = world.admin().get(&one).await.json["attempts"][0]["response_body"].clone();
    assert_eq!(kept.as_str().map(str::len), Some(64 * 1024));
}

/// A call that was under way for long does not end what has recovered meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_failure_does_not_disable_what_has_recovered() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"retry_attempts": 0})).await;
    receiver.faults.plan("POST", "/hook", 2, refusal(StatusCode::SERVICE_UNAVAILABLE));
    for hours in [0, 60, 70] {
        world.wait(hours * 3600);
        event(&world, "HR-1").await;
        if hours < 70 {
            world.deliver().await;
        }
    }
    let (reached, answer) =
        receiver.faults.plan_held("POST", "/hook", refusal(StatusCode::SERVICE_UNAVAILABLE));
    let worker = webhooks::worker(&world.env).expect("a worker");
    let late = async {
        for hint in world.deliveries.take() {
            webhooks::deliver(&worker, hint).await.expect("worked through");
        }
    };
    let recovers = async {
        reached.await.expect("a call");
        event(&world, "HR-2").await;
        world.deliver().await;
        assert!(now(&world, &webhook).await["failing_since"].is_null());
        answer.send(()).expect("it waits");
    };
    tokio::join!(late, recovers);
    assert_eq!(receiver.taken().len(), 1);
    assert_eq!(now(&world, &webhook).await["is_active"], true);
}
