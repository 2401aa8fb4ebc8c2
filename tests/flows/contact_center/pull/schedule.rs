//! Pulls that nobody asks for: every interval, if the connection says so, and one at a time.

use functions::integrations::Timetable;
use serde_json::json;
use tests::support::{Faults, World};

use super::{beside, configure, days, is_kept, logs, state, tick, worked};
use crate::flows::integrations::CONNECTIONS;

/// A schedule of a process whose database has these faults.
fn timetable(world: &World, faults: &Faults) -> Timetable {
    Timetable::load(&world.workforce_amid(faults)).expect("a timetable")
}

#[tokio::test]
async fn a_scheduled_connection_is_pulled_every_interval() {
    let (world, centre, id) = beside(json!({ "scheduled": true, "sync_interval": 600 })).await;
    days(&centre);
    assert_eq!(state(&world).await["next_due"], "2026-06-01T12:00:00Z");
    tick(&world).await;
    assert_eq!(logs(&world, &id).await.len(), 1);
    tick(&world).await;
    worked(&world).await;
    tick(&world).await;
    assert_eq!(logs(&world, &id).await.len(), 1);
    assert_eq!(state(&world).await["next_due"], "2026-06-01T12:10:00Z");
    is_kept(&world, &centre, ("2026-05-25T12:00:00Z", "2026-06-02T00:00:00Z")).await;
    world.wait(599);
    tick(&world).await;
    assert_eq!(logs(&world, &id).await.len(), 1);
    world.wait(1);
    tokio::join!(tick(&world), tick(&world), tick(&world));
    worked(&world).await;
    let logs = logs(&world, &id).await;
    assert_eq!(logs.len(), 2);
    assert!(logs.iter().all(|log| log["status"] == "completed"), "{logs:#?}");
}

#[tokio::test]
async fn what_is_not_scheduled_or_not_in_use_is_not_pulled() {
    let (world, centre, id) = beside(json!({})).await;
    tick(&world).await;
    assert_eq!(state(&world).await["next_due"], json!(null));
    configure(&world, json!({ "scheduled": true })).await;
    let paused = json!({ "status": "inactive" });
    world.admin().send("PUT", &format!("{CONNECTIONS}/{id}"), paused).await;
    tick(&world).await;
    assert_eq!(state(&world).await["next_due"], json!(null));
    worked(&world).await;
    assert_eq!((logs(&world, &id).await.len(), centre.asked().len()), (0, 0));
}

#[tokio::test]
async fn a_tick_that_comes_late_starts_nothing_more() {
    let mut calls = 0;
    loop {
        let (world, _centre, id) = beside(json!({ "scheduled": true })).await;
        let (faults, pause) = Faults::pause_after(calls);
        let late = timetable(&world, &faults);
        let late = tokio::spawn(async move { late.tick().await });
        let begun = tokio::time::timeout(std::time::Duration::from_secs(1), pause.begun()).await;
        if begun.is_err() {
            break;
        }
        // All of another one's pull, from its beginning to its end.
        tick(&world).await;
        worked(&world).await;
        pause.end();
        late.await.expect("a tick").expect("no error");
        worked(&world).await;
        assert_eq!(logs(&world, &id).await.len(), 1, "after {calls}");
        calls += 1;
    }
    assert!(calls > 3, "a tick takes some calls");
}

#[tokio::test]
async fn a_tick_that_dies_anywhere_is_made_good_by_the_next() {
    let mut calls = 0;
    loop {
        let (world, centre, id) = beside(json!({ "scheduled": true })).await;
        days(&centre);
        let faults = Faults::death_after(calls);
        let _ = timetable(&world, &faults).tick().await;
        tick(&world).await;
        worked(&world).await;
        let logs = logs(&world, &id).await;
        assert_eq!((logs.len(), &logs[0]["status"]), (1, &json!("completed")), "after {calls}");
        if !faults.has_died() {
            break;
        }
        calls += 1;
    }
    assert!(calls > 3, "a tick takes some calls");
}
