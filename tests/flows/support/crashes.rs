//! Workers that die anywhere on their way: what they had begun is done, and done once.

use std::sync::Arc;

use functions::support;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use shared::env::Env;
use tests::support::{Faults, Nowhere, World, faulty};
use tokio::task::JoinSet;

use super::steps::{beside, beside_one_of, once_only};
use super::{ask, history, ticket};

/// Calls of the database that a worker makes for a ticket, at most.
const LONGEST_LIFE: usize = 50;

/// Works through what is due with a worker that dies after so many calls of the database,
/// and with another one when its lease is over.
async fn die(world: &World, calls: usize) {
    die_once(world, calls).await;
    for _ in 0..4 {
        world.wait(60);
        world.support().await;
    }
}

async fn die_once(world: &World, calls: usize) {
    work_amid(world, &Faults::death_after(calls)).await;
}

/// Works through what is due with a worker whose calls of the database go wrong like this.
pub async fn work_amid(world: &World, faults: &Faults) {
    let env = Env::new(world.vars(), faulty(&world.database, faults));
    let env = env.with_clock(world.clock.clone()).with_vault(world.vault());
    let env = env.with_queue("TICKETS_QUEUE_URL", world.tickets.clone()).with_private_targets();
    let worker = support::worker(&env.with_other_queues(Arc::new(Nowhere))).expect("a worker");
    loop {
        let hints = world.tickets.take();
        if hints.is_empty() {
            break;
        }
        for hint in hints {
            // Nobody learns how it ends.
            let _ = worker.deliver(hint).await;
        }
    }
}

/// What nobody works on for hours takes none of the workflow's time.
#[tokio::test]
async fn a_ticket_whose_workers_were_all_dead_is_not_late() {
    let steps = [("one", StatusCode::OK), ("two", StatusCode::OK), ("three", StatusCode::OK)];
    let one = async |calls| {
        let (world, system) = beside_one_of(&steps).await;
        let id = ask(&world, "anything").await;
        world.wait(3600);
        die_once(&world, calls).await;
        world.wait(3600);
        world.support().await;
        let end = ticket(&world, &id).await;
        assert_eq!((&end["status"], system.done().len()), (&json!("resolved"), 3), "{end:#}");
    };
    join_all((5..LONGEST_LIFE).step_by(5).map(one)).await;
}

async fn with_a_death(calls: usize) {
    let (world, system) = beside(StatusCode::OK).await;
    let id = ask(&world, "anything").await;
    die(&world, calls).await;
    let done = ticket(&world, &id).await;
    assert_eq!(done["status"], "resolved", "after {calls}: {done:#}");
    assert_eq!(system.done().len(), 1, "after {calls}: done once");
    assert_eq!(
        history(&world, &id).await,
        ["pending", "in_progress", "in_progress", "in_progress", "resolved"],
        "after {calls}"
    );
}

#[tokio::test]
async fn a_ticket_ends_the_same_wherever_its_worker_dies() {
    let mut deaths: JoinSet<()> = (0..LONGEST_LIFE).map(with_a_death).collect();
    while let Some(death) = deaths.join_next().await {
        death.expect("the same end");
    }
}

/// Who does not know a repeat may be told nothing, and then somebody is asked; never twice.
#[tokio::test]
async fn what_must_not_be_repeated_is_not_wherever_a_worker_dies() {
    let one = async |calls| {
        let (world, system) = beside(StatusCode::OK).await;
        once_only(&world).await;
        let id = ask(&world, "anything").await;
        die(&world, calls).await;
        let end = ticket(&world, &id).await;
        let ends = end["status"] == "resolved" || end["status"] == "waiting_for_user";
        assert!(ends && system.calls() <= 1, "after {calls}: {} calls, {end:#}", system.calls());
        (system.calls(), end["status"] == "resolved")
    };
    let ends = join_all((0..LONGEST_LIFE).map(one)).await;
    assert!(ends.contains(&(1, true)) && ends.contains(&(1, false)), "{ends:?}");
}

/// None waits for another's person.
#[tokio::test]
async fn two_hundred_at_once_all_end() {
    let world = World::with(&[("RATE_LIMIT_PER_MINUTE", "100000")]).await;
    let mut ids = Vec::new();
    for n in 0..200 {
        ids.push(ask(&world, if n % 2 == 0 { "software_access" } else { "password_reset" }).await);
    }
    world.support().await;
    for (n, id) in ids.iter().enumerate().rev() {
        if n % 2 == 0 {
            assert_eq!(super::answer(&world, id, "MANAGER001", n % 4 == 0).await.status, 200);
        }
    }
    world.support().await;
    loop {
        let path = "/support/tickets?limit=500&status=waiting_for_user";
        let waiting = world.admin().get(path).await.json["tickets"].clone();
        let waiting = waiting.as_array().expect("a list");
        if waiting.is_empty() {
            break;
        }
        for one in waiting {
            let id = one["ticket_id"].as_str().expect("an id");
            assert_eq!(super::answer(&world, id, "EMP001", true).await.status, 200);
        }
        world.support().await;
    }
    let count = async |status: &str| {
        let path = format!("/support/tickets?limit=500&status={status}");
        world.admin().get(&path).await.json["count"].clone()
    };
    assert_eq!((count("resolved").await, count("denied").await), (json!(150), json!(50)));
}
