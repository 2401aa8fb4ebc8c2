//! Usage while the database loses calls and answers: no request is counted twice, and
//! none is forgotten.

use std::sync::Arc;

use shared::clock::Clock;
use shared::env::Env;
use tests::support::{Faults, Nowhere, Service, World, faulty};

/// More than the SDK tries on its own.
const ALL_ANSWERS: usize = 4;

/// A world whose callers' process has a faulty database.
async fn unlucky(seed: u64) -> (World, Service, Faults) {
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
    let world = World::at(clock.clone(), &[]).await;
    let faults = Faults::seeded(seed);
    let env = Env::new(world.vars(), faulty(&world.database, &faults));
    let env = env.with_clock(clock).with_vault(world.vault());
    let service = World::service(&env.with_other_queues(Arc::new(Nowhere)));
    (world, service, faults)
}

async fn call(world: &World, service: &Service, path: &str) -> (u16, serde_json::Value) {
    let bearer = format!("Bearer {}", world.admin_key);
    service.call("GET", path, &[("authorization", &bearer)], String::new()).await
}

#[tokio::test(start_paused = true)]
async fn whatever_is_lost_the_sum_is_exact() {
    for seed in 0..8 {
        let (world, service, faults) = unlucky(seed).await;
        let mut counted = 0;
        for n in 0..300 {
            // Refused by its path, so it is counted and asks the database for nothing more.
            let status = call(&world, &service, "/events/x").await.0;
            assert!(matches!(status, 422 | 503), "{status}");
            counted += i64::from(status == 422);
            if n % 5 == 0 {
                world.wait(6);
            }
        }
        faults.end();
        let stats = call(&world, &service, "/api/v1/auth/usage-stats").await.1;
        assert_eq!(stats["usage_count"], counted + 1, "seed {seed}");
        assert!(counted > 200, "seed {seed}: only {counted}");
    }
}

/// Counts were written, and the process never learnt it: it writes them again.
#[tokio::test(start_paused = true)]
async fn counts_that_were_written_unknown_to_the_process_are_not_added_again() {
    let (world, service, faults) = unlucky(1).await;
    faults.end();
    for _ in 0..5 {
        assert_eq!(call(&world, &service, "/events/x").await.0, 422);
    }
    world.wait(6);
    faults.lose_answers(ALL_ANSWERS);
    assert_eq!(call(&world, &service, "/events/x").await.0, 422);
    let stats = call(&world, &service, "/api/v1/auth/usage-stats").await.1;
    assert_eq!(stats["usage_count"], 7);
}
