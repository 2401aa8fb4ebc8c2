//! Workers that die anywhere in a pull: nothing is lost or doubled, and no watermark is ahead
//! of what is kept.

use functions::integrations;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::jobs::Kinds;
use simulators::contact_center::ContactCenter;
use tests::support::{Faults, World, dying_anywhere};

use super::{METHODS, beside, days, is_kept, kept, logs, pulled, start, state, truth, worked};

/// What is pulled in them: half a day and half a day, in requests of two agents.
const FIRST: &str = "2026-05-31T12:00:00Z";
const LAST: &str = "2026-06-01T12:00:00Z";

/// A worker whose database has these faults.
fn worker(world: &World, faults: &Faults) -> Kinds {
    integrations::worker(&world.workforce_amid(faults)).expect("a worker")
}

/// That everything up to each watermark is kept.
async fn nothing_is_missing(world: &World, centre: &ContactCenter, calls: usize) {
    let state = state(world).await;
    for (one, method) in state["watermarks"].as_array().expect("a list").iter().zip(METHODS) {
        assert_eq!(one["kind"], method.0);
        let Some(until) = one["until"].as_str() else { continue };
        // A day's time is kept as a whole.
        let from = if method.0 == "agentChatsWorkTime" { "2026-05-31T00:00:00Z" } else { FIRST };
        let kept = kept(world, method, (from, until)).await;
        for row in truth(centre, method, (from, until)).await {
            assert!(kept.contains(&row), "after {calls}: {row} is not kept until {until}");
        }
    }
}

/// A pull with a death in it, and what it counts by kind. Whether there was a death.
async fn with_a_death(calls: usize) -> (bool, Value) {
    let kinds = json!(["serviceGroupData", "agentStatusData", "agentCallsData"]);
    let pull = json!({ "first_days": 1, "ids_at_once": 2, "kinds": kinds });
    let (world, centre, id) = beside(json!({ "pull": pull })).await;
    days(&centre);
    start(&world, json!({})).await;
    let faults = Faults::death_after(calls);
    world.workforce_of(&world.workforce_amid(&faults)).await;
    nothing_is_missing(&world, &centre, calls).await;
    worked(&world).await;
    let log = logs(&world, &id).await.remove(0);
    assert_eq!(log["status"], "completed", "after {calls}: {log:#}");
    for method in [METHODS[0], METHODS[1], METHODS[3]] {
        let (kept, truth) = (
            kept(&world, method, (FIRST, LAST)).await,
            truth(&centre, method, (FIRST, LAST)).await,
        );
        assert_eq!(kept, truth, "after {calls}");
    }
    let again = pulled(&world, json!({})).await;
    assert_eq!(again["status"], "completed", "after {calls}");
    assert_eq!(logs(&world, &id).await.len(), 2, "after {calls}");
    (faults.has_died(), log["records_by_kind"].clone())
}

#[tokio::test]
async fn a_pull_killed_anywhere_loses_and_doubles_nothing() {
    let counts = dying_anywhere(with_a_death).await;
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:#?}");
    assert_eq!(counts[0]["agentCallsData"], 21);
}

/// A pull over a database with faults of this seed, and hints that come twice.
async fn with_faults(seed: u64) {
    let (world, centre, _) = beside(json!({ "pull": { "first_days": 1 } })).await;
    days(&centre);
    start(&world, json!({})).await;
    let faults = Faults::seeded(seed);
    let worker = worker(&world, &faults);
    for _ in 0..10 {
        for hint in world.workforce.take() {
            let _ = tokio::join!(worker.deliver(hint.clone()), worker.deliver(hint));
        }
    }
    faults.end();
    worked(&world).await;
    let last = state(&world).await["last"].clone();
    assert_eq!(last["status"], "completed", "{seed}: {last:#}");
    is_kept(&world, &centre, (FIRST, LAST)).await;
}

#[tokio::test]
async fn a_database_that_loses_and_throttles_changes_nothing() {
    join_all((1..=4).map(with_faults)).await;
}
