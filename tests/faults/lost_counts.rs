//! Usage while the database loses calls and answers: no request is counted twice, and
//! none is forgotten.

use std::sync::Arc;

use shared::clock::Clock;
use shared::env::Env;
use tests::support::{Faults, Nowhere, Service, World, faulty};

#[tokio::test(start_paused = true)]
async fn lost_replies_count_nothing_twice() {
    for seed in 0..12 {
        let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
        let world = World::at(clock.clone(), &[]).await;
        let faults = Faults::seeded(seed);
        let env = Env::new(world.vars(), faulty(&world.database, &faults));
        let env = env.with_clock(clock).with_vault(world.vault());
        let service = World::service(&env.with_queue("EVENTS_QUEUE_URL", Arc::new(Nowhere)));
        let bearer = format!("Bearer {}", world.admin_key);
        let mut counted = 0;
        for n in 0..400 {
            // Refused by its path, so it is counted and asks the database for nothing more.
            let status = call(&service, &bearer, "/events/x").await.0;
            assert!(matches!(status, 422 | 503), "{status}");
            counted += i64::from(status == 422);
            if n % 7 == 0 {
                world.wait(6);
            }
        }
        faults.end();
        let stats = call(&service, &bearer, "/api/v1/auth/usage-stats").await.1;
        assert_eq!(stats["usage_count"], counted + 1, "seed {seed}");
        assert!(counted > 300, "seed {seed}: only {counted}");
    }
}

async fn call(service: &Service, bearer: &str, path: &str) -> (u16, serde_json::Value) {
    service.call("GET", path, &[("authorization", bearer)], String::new()).await
}
