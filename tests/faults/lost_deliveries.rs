//! Messages and deliveries when requests and replies of the database are lost, hints are
//! lost and doubled, and workers die: each event is told of once, to every webhook, under
//! one id, and what was counted is what a recount says.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use functions::integrations::webhooks;
use functions::pega;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::env::Env;
use shared::jobs::sweep;
use shared::queue::Hint;
use simulators::Fault;
use simulators::receiver::Receiver;
use tests::support::{Collected, Faults, Service, World, events, faulty};
use tokio::time::timeout;

const SEEDS: u64 = 1;
const EVENTS: usize = 6;
/// Rounds until the faults end, and until all must be at rest.
const FAULTY: usize = 6;
const ROUNDS: usize = 60;

/// One world and its receiver.
struct Deliveries {
    world: World,
    env: Env,
    service: Service,
    faults: Faults,
    receiver: Receiver,
    events: Arc<Collected>,
}

impl Deliveries {
    async fn new(seed: u64) -> Self {
        let reach = [("TARGET_NETWORKS", "127.0.0.1/32"), ("TARGET_PORTS", "1-65535")];
        let world = World::with(&reach).await;
        let receiver = Receiver::start().await.expect("a receiver");
        for name in ["one", "two"] {
            let new = json!({
                "name": name, "url": format!("{}/{name}", receiver.url()),
                "event_types": ["pega.*"], "ordered": name == "two",
            });
            let made = world.admin().send("POST", "/integrations/webhooks", new).await;
            assert_eq!(made.status, 200, "{}", made.text);
        }
        let (faults, events) = (Faults::seeded(seed), Arc::new(Collected::default()));
        let env = Env::new(world.vars(), faulty(&world.database, &faults))
            .with_clock(world.clock.clone())
            .with_vault(world.vault())
            .with_queue("EVENTS_QUEUE_URL", events.clone())
            .with_other_queues(world.deliveries.clone());
        let intake = pega::Intake::load(&env).expect("an intake");
        let service = Service::of(&env, pega::api::intake_routes().with(intake));
        Self { world, env, service, faults, receiver, events }
    }

    /// Sends an event under a key until it is answered.
    async fn send(&self, number: usize) {
        let body = events::role_change(&format!("HR-{number}")).to_string();
        let key = number.to_string();
        loop {
            let keyed = [("idempotency-key", key.as_str())];
            let answer = self.service.call("POST", "/webhook/pega", &keyed, body.clone()).await;
            if answer.0 == 200 {
                return;
            }
            assert_eq!(answer.0, 503, "{}", answer.1);
        }
    }

    /// One round of sweeps and whatever they and others hint at; some workers die.
    async fn work(&self) {
        let worker = pega::worker(&self.env).expect("a worker");
        let messages = webhooks::worker(&self.env).expect("a worker");
        // A sweep that breaks off is followed by the next.
        let _ = sweep(&pega::lane(&self.env).expect("a lane")).await;
        let _ = sweep(&webhooks::lane(&self.env).expect("a lane")).await;
        let events = self.arriving(self.events.take()).into_iter();
        let worked = events.map(|hint| timeout(self.faults.life(), pega::deliver(&worker, hint)));
        join_all(worked).await;
        let hints = self.arriving(self.world.deliveries.take()).into_iter();
        let worked =
            hints.map(|hint| timeout(self.faults.life(), webhooks::deliver(&messages, hint)));
        join_all(worked).await;
    }

    /// The hints that arrive, some of them twice and some not at all.
    fn arriving(&self, hints: Vec<Hint>) -> Vec<Hint> {
        let copies = |hint: Hint| vec![hint; self.faults.copies()];
        hints.into_iter().flat_map(copies).collect()
    }

    async fn statistics(&self) -> Value {
        let path = "/integrations/webhooks/stats";
        self.world.admin().get(path).await.json["deliveries"].clone()
    }
}

async fn live(seed: u64) {
    let world = Deliveries::new(seed).await;
    let refusal = Fault::Answer(StatusCode::BAD_GATEWAY, String::new());
    world.receiver.faults.plan("POST", "/one", 3, refusal);
    world.receiver.faults.plan("POST", "/two", 2, Fault::DoneThenCut);
    join_all((0..EVENTS).map(|number| world.send(number))).await;
    let expected = json!(4 * EVENTS);
    for round in 0..ROUNDS {
        if round == FAULTY {
            world.faults.end();
        }
        world.work().await;
        world.world.clock.advance(Duration::from_secs(100));
        let stats = world.statistics().await;
        if stats["successful"] == expected {
            break;
        }
    }
    let stats = world.statistics().await;
    assert_eq!(
        (&stats["total"], &stats["successful"]),
        (&expected, &expected),
        "seed {seed}: {stats}"
    );
    assert_eq!((&stats["failed"], &stats["pending"]), (&json!(0), &json!(0)));
    for path in ["/one", "/two"] {
        let taken = world.receiver.taken().into_iter().filter(|one| one.path == path);
        let told: BTreeSet<(String, String, String)> = taken
            .map(|one| {
                let body = one.json();
                let case = body["payload"]["case_id"].to_string();
                (case, body["event_type"].to_string(), one.header("webhook-id").to_owned())
            })
            .collect();
        // Each event twice, as received and as processed, however often it came.
        assert_eq!(told.len(), 2 * EVENTS, "seed {seed}: {told:?}");
        let what: BTreeSet<_> = told.iter().map(|(case, kind, _)| (case, kind)).collect();
        assert_eq!(what.len(), 2 * EVENTS, "seed {seed}: one was told of under two ids");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_is_told_of_once_to_every_webhook() {
    let first = fastrand::u64(..1_000_000);
    for seed in first..first + SEEDS {
        println!("seed {seed}");
        live(seed).await;
    }
}
