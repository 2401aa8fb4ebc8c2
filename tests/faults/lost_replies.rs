//! Lost requests, lost replies, throttling, lost and doubled hints, workers that
//! die in the middle: many small worlds, each from a seed, in virtual time, with
//! the real SDK over the embedded database.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use functions::pega;
use functions::upkeep::Sweeper;
use futures_util::future::join_all;
use local::embedded::{Embedded, table_variables};
use serde_json::Value;
use shared::boxed::Boxed;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::queue::{Hint, Queue};
use tests::support::{Faults, Nowhere, Service, events, faulty};
use tokio::sync::mpsc;

const SEEDS: u64 = 10;
const EVENTS: usize = 12;
const CASES: usize = 3;

/// A queue that loses and doubles.
struct Unreliable(mpsc::UnboundedSender<Hint>, Faults);

impl Queue for Unreliable {
    fn send(&self, hints: Vec<Hint>, delay: Duration) -> Boxed<'_, Result<()>> {
        Box::pin(async move {
            for hint in hints {
                for _ in 0..self.1.copies() {
                    let (sender, hint) = (self.0.clone(), hint.clone());
                    tokio::spawn(async move {
                        tokio::time::sleep(delay).await;
                        sender.send(hint)
                    });
                }
            }
            Ok(())
        })
    }
}

/// One world.
struct World {
    service: Service,
    sweeper: Sweeper,
    faults: Faults,
}

impl World {
    fn new(seed: u64) -> Self {
        let clock = Clock::manual(shared::clock::timestamp(1_780_000_000_000));
        let faults = Faults::seeded(seed);
        let database = Embedded::in_memory().expect("a database");
        let (sender, mut hints) = mpsc::unbounded_channel();
        let vars = table_variables().map(|(name, table)| (name.to_owned(), table.to_owned()));
        let env = Env::new(vars.into(), faulty(&database, &faults))
            .with_clock(clock.clone())
            .with_queue("EVENTS_QUEUE_URL", Arc::new(Unreliable(sender, faults.clone())))
            .with_other_queues(Arc::new(Nowhere));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                clock.advance(Duration::from_millis(20));
            }
        });
        let worker = Arc::new(pega::worker(&env).expect("a worker"));
        let deaths = faults.clone();
        tokio::spawn(async move {
            while let Some(hint) = hints.recv().await {
                let (worker, life) = (worker.clone(), deaths.life());
                // A worker that dies is dropped wherever it is.
                tokio::spawn(async move {
                    tokio::time::timeout(life, pega::deliver(&worker, hint)).await
                });
            }
        });
        let intake = pega::Intake::load(&env).expect("an intake");
        let log = pega::EventLog::load(&env).expect("a log");
        let routes = pega::api::intake_routes().with(intake);
        let figures = pega::figures::Figures::load(&env).expect("figures");
        let routes = routes.and(pega::api::log_routes().with(log));
        let routes = routes.and(pega::figures::api::routes().with(figures));
        let sweeper = Sweeper::load(&env).expect("a sweeper");
        Self { service: Service::of(&env, routes), sweeper, faults }
    }

    /// Sends under a key until it is answered, as a sender would.
    async fn send(&self, key: &str, case: &str) -> i64 {
        loop {
            let body = events::role_change(case).to_string();
            let keyed = [("idempotency-key", key)];
            let (status, answer) = self.service.call("POST", "/webhook/pega", &keyed, body).await;
            if status == 200 {
                return answer["eventId"].as_i64().expect("a number");
            }
            assert_eq!(status, 503, "{answer}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Sweeps every minute until nothing is open; the faults end first.
    async fn come_to_rest(&self) -> Vec<Value> {
        for minute in 0..60 {
            if minute == 10 {
                self.faults.end();
            }
            // A sweep that breaks off is followed by the next.
            let _ = self.sweeper.tick().await;
            tokio::time::sleep(Duration::from_secs(60)).await;
            let (status, list) =
                self.service.call("GET", "/events?limit=100", &[], String::new()).await;
            let list = list.as_array().cloned().unwrap_or_default();
            if status == 200 && list.iter().all(|event| event["status"] == "processed") {
                return list;
            }
        }
        panic!("the world never came to rest")
    }
}

async fn live(seed: u64) {
    let world = World::new(seed);
    let mut accepted: HashMap<String, Vec<i64>> = HashMap::new();
    for round in 0..EVENTS / CASES {
        let sent = (0..CASES).map(async |case| {
            let name = format!("HR-WORK {case}");
            let key = format!("{seed}-{round}-{case}");
            // Two at once under one key are one event.
            let both = tokio::join!(world.send(&key, &name), world.send(&key, &name));
            assert_eq!(both.0, both.1, "one key, two numbers");
            (name, both.0)
        });
        for (name, id) in join_all(sent).await {
            accepted.entry(name).or_default().push(id);
        }
    }
    let settled = world.come_to_rest().await;
    let ids: HashSet<i64> = accepted.values().flatten().copied().collect();
    assert_eq!(ids.len(), EVENTS, "a number was given twice");
    let stored: HashSet<i64> = settled.iter().filter_map(|event| event["id"].as_i64()).collect();
    assert_eq!(stored, ids, "what is stored is what was accepted");
    let settlements = world.faults.settled();
    assert_eq!(settlements.len(), EVENTS);
    assert!(settlements.values().all(|times| *times == 1), "seed {seed}: {settlements:?}");
    world.faults.end();
    // Whatever was lost, repeated or broken off on the way.
    let (_, figures) = world.service.call("GET", "/dashboard", &[], String::new()).await;
    let counted = serde_json::json!([{ "status": "processed", "count": EVENTS }]);
    assert_eq!(figures["status_breakdown"], counted, "seed {seed}");
    for (case, ids) in accepted {
        let time = |id: &i64| {
            let event = settled.iter().find(|event| event["id"] == *id).expect("stored");
            event["processed_at"].as_str().expect("a time").to_owned()
        };
        let times: Vec<String> = ids.iter().map(time).collect();
        assert!(times.is_sorted(), "seed {seed}: {case} out of order: {times:?}");
    }
}

/// Whatever is accepted is processed, once, in the order of its case.
#[test]
fn small_worlds_come_to_rest_whole() {
    let first = fastrand::u64(..1_000_000);
    for seed in first..first + SEEDS {
        println!("seed {seed}");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(live(seed));
    }
}
