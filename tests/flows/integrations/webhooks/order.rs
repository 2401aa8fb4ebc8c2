//! Which messages a webhook gets, in which order, and how many a minute.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use functions::integrations::webhooks;
use futures_util::future::join_all;
use serde_json::json;
use shared::jobs::sweep;
use simulators::Fault;
use tests::support::Collected;

use super::{deliveries, event, register, world};

#[tokio::test]
async fn a_webhook_gets_the_types_and_contents_that_it_wants() {
    let (world, receiver) = world().await;
    let only = json!({"event_types": ["pega.*"], "filter": {"case_id": {"$startsWith": "IT-"}}});
    let filtered = register(&world, &receiver, only).await;
    let other = register(&world, &receiver, json!({"event_types": ["1c.*"]})).await;
    let inactive = register(&world, &receiver, json!({"is_active": false})).await;
    for case in ["HR-1", "IT-1", "HR-2"] {
        event(&world, case).await;
    }
    world.deliver().await;
    let got = deliveries(&world, &filtered).await;
    assert_eq!(got.len(), 1);
    assert_eq!(got[0]["event_data"]["case_id"], "IT-1");
    for none in [other, inactive] {
        assert!(deliveries(&world, &none).await.is_empty());
    }
}

#[tokio::test]
async fn ordered_messages_wait_for_the_one_before() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"ordered": true})).await;
    let refusal = Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
    receiver.faults.plan("POST", "/hook", 2, refusal);
    for case in ["HR-1", "HR-2", "HR-3"] {
        event(&world, case).await;
    }
    world.deliver().await;
    assert!(receiver.taken().is_empty());
    let waiting = deliveries(&world, &webhook).await;
    let tried: Vec<_> = waiting.iter().map(|one| one["retry_count"].clone()).collect();
    assert_eq!(tried, [0, 0, 1], "only the first one is tried");
    for _ in 0..2 {
        world.wait(200);
        world.deliver().await;
    }
    let cases: Vec<_> =
        receiver.taken().iter().map(|one| one.json()["payload"]["case_id"].clone()).collect();
    assert_eq!(cases, ["HR-1", "HR-2", "HR-3"]);
}

#[tokio::test]
async fn one_that_is_given_up_does_not_hold_up_the_others() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"ordered": true, "retry_attempts": 0})).await;
    let refusal = Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
    receiver.faults.plan("POST", "/hook", 1, refusal);
    for case in ["HR-1", "HR-2"] {
        event(&world, case).await;
    }
    world.deliver().await;
    let standing: Vec<_> = deliveries(&world, &webhook)
        .await
        .iter()
        .map(|one| one["delivery_status"].clone())
        .collect();
    assert_eq!(standing, ["delivered", "failed"]);
}

#[tokio::test]
async fn a_rate_limit_holds_and_loses_nothing() {
    let (world, receiver) = world().await;
    let webhook = register(&world, &receiver, json!({"rate_limit_per_minute": 3})).await;
    for case in 0..8 {
        event(&world, &format!("HR-{case}")).await;
    }
    let mut minutes = Vec::new();
    for _ in 0..30 {
        let before = receiver.taken().len();
        world.deliver().await;
        minutes.push(receiver.taken().len() - before);
        world.wait(60);
    }
    assert!(minutes.iter().all(|many| *many <= 3), "{minutes:?}");
    assert_eq!(minutes.iter().sum::<usize>(), 8, "{minutes:?}");
    assert_eq!(minutes[0], 3);
    let listed = deliveries(&world, &webhook).await;
    assert!(listed.iter().all(|one| one["retry_count"] == 0), "a wait is no attempt");
}

/// Late attempts have a queue and workers of their own, so they never keep a first one
/// waiting.
#[tokio::test]
async fn first_attempts_and_later_ones_go_through_queues_of_their_own() {
    let (mut world, receiver) = world().await;
    let retries = Arc::new(Collected::default());
    world.env = world.env.clone().with_queue("RETRIES_QUEUE_URL", retries.clone());
    register(&world, &receiver, json!({})).await;
    receiver.faults.plan("POST", "/hook", 1, Fault::Answer(StatusCode::BAD_GATEWAY, String::new()));
    let worker = webhooks::worker(&world.env).expect("a worker");
    event(&world, "HR-1").await;
    let first = world.deliveries.take();
    assert_eq!((first.len(), retries.take().len()), (1, 0));
    for hint in first {
        webhooks::deliver(&worker, hint).await.expect("worked through");
    }
    world.wait(70);
    event(&world, "HR-2").await;
    let lane = webhooks::lane(&world.env).expect("a lane");
    sweep(&lane).await.expect("a sweep");
    assert_eq!((world.deliveries.take().len(), retries.take().len()), (1, 1));
}

/// However many slow receivers a tenant has, it leaves places to the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_takes_some_places_of_a_process_and_no_more() {
    let (world, receiver) = world().await;
    for _ in 0..6 {
        register(&world, &receiver, json!({})).await;
    }
    for case in 0..8 {
        event(&world, &format!("HR-{case}")).await;
    }
    receiver.faults.plan("POST", "/hook", 48, Fault::Delay(Duration::from_secs(2)));
    let worker = webhooks::worker(&world.env).expect("a worker");
    let hints = world.deliveries.take();
    assert_eq!(hints.len(), 48);
    for worked in join_all(hints.into_iter().map(|hint| webhooks::deliver(&worker, hint))).await {
        worked.expect("worked through");
    }
    let most = receiver.most_at_once();
    assert!((9..=32).contains(&most), "{most} at a time");
}
