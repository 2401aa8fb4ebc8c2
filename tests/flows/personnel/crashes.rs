//! Workers that die anywhere in a synchronisation: nobody is lost, and nobody invented.

use serde_json::json;
use simulators::onec::agent_id;
use tests::support::{Faults, dying_anywhere};

use super::{beside_1c, changes, everybody, start, synced, wanted};

/// The second of two synchronisations, with a death in it. Whether there was one.
async fn with_a_death(calls: usize) -> (bool, ()) {
    let (world, zup) = beside_1c(520, json!({})).await;
    synced(&world, wanted(true)).await;
    for number in 100..110 {
        zup.forget(&agent_id(number));
    }
    let path = start(&world, wanted(true)).await;
    let faults = Faults::death_after(calls);
    world.workforce_of(&world.workforce_amid(&faults)).await;
    world.workforce_recovers().await;
    let done = world.admin().get(&path).await.json;
    assert_eq!(done["status"], "completed", "after {calls}: {done:#}");
    let counts = (&done["changes"]["vanished"], &done["changes"]["unchanged"]);
    assert_eq!(counts, (&json!(10), &json!(510)), "after {calls}");
    assert_eq!(changes(&world, &done).await.len(), 10, "after {calls}");
    assert_eq!(everybody(&world, "active").await.len(), 510, "after {calls}");
    assert_eq!(everybody(&world, "inactive").await.len(), 10, "after {calls}");
    (faults.has_died(), ())
}

#[tokio::test]
async fn a_synchronisation_killed_anywhere_loses_and_invents_nobody() {
    dying_anywhere(with_a_death).await;
}
