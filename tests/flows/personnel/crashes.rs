//! Workers that die anywhere in a synchronisation: nobody is lost, and nobody invented.

use std::sync::Arc;

use functions::integrations;
use futures_util::future::join_all;
use serde_json::json;
use shared::env::Env;
use simulators::onec::agent_id;
use tests::support::{Faults, Nowhere, World, faulty};

use super::{beside_1c, changes, everybody, start, synced, wanted};

/// Worlds that are tried side by side.
const AT_ONCE: usize = 10;

/// Works through what is due with a worker that dies after so many calls of the database,
/// and with others when its lease is over. Whether it died before all was done.
async fn die(world: &World, calls: usize) -> bool {
    let faults = Faults::death_after(calls);
    let env = Env::new(world.vars(), faulty(&world.database, &faults));
    let env = env.with_clock(world.clock.clone()).with_vault(world.vault());
    let env = env.with_queue("WORKFORCE_QUEUE_URL", world.workforce.clone());
    let env = env.with_private_targets().with_other_queues(Arc::new(Nowhere));
    let dying = integrations::worker(&env).expect("a worker");
    loop {
        let hints = world.workforce.take();
        if hints.is_empty() {
            break;
        }
        for hint in hints {
            // Nobody learns how it ends.
            let _ = dying.deliver(hint).await;
        }
    }
    for _ in 0..4 {
        world.wait(600);
        world.workforce().await;
    }
    faults.has_died()
}

/// The second of two synchronisations, with a death in it. Whether there was one.
async fn with_a_death(calls: usize) -> bool {
    let (world, zup) = beside_1c(520, json!({})).await;
    synced(&world, wanted(true)).await;
    for number in 100..110 {
        zup.forget(&agent_id(number));
    }
    let path = start(&world, wanted(true)).await;
    let died = die(&world, calls).await;
    let done = world.admin().get(&path).await.json;
    assert_eq!(done["status"], "completed", "after {calls}: {done:#}");
    let counts = (&done["changes"]["vanished"], &done["changes"]["unchanged"]);
    assert_eq!(counts, (&json!(10), &json!(510)), "after {calls}");
    assert_eq!(changes(&world, &done).await.len(), 10, "after {calls}");
    assert_eq!(everybody(&world, "active").await.len(), 510, "after {calls}");
    assert_eq!(everybody(&world, "inactive").await.len(), 10, "after {calls}");
    died
}

#[tokio::test]
async fn a_synchronisation_killed_anywhere_loses_and_invents_nobody() {
    let mut calls = 0;
    loop {
        let deaths = join_all((calls..calls + AT_ONCE).map(with_a_death)).await;
        calls += AT_ONCE;
        if deaths.contains(&false) {
            break;
        }
    }
    assert!(calls > 2 * AT_ONCE, "a synchronisation takes some calls");
}
