//! Many runs at once: written as the store writes them, but many in a batch and without
//! messages and audit entries.

use std::time::Duration;

use functions::processes::definitions::{Process, Processes};
use functions::processes::figures;
use functions::processes::index::Sealer;
use functions::processes::runs::{Run, RunStore, Start, StepStatus};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use shared::table::Item;
use shared::tenant::Tenant;
use tests::support::World;

/// How many runs are written together.
const BATCH: usize = 1000;
/// How many runs have what the searches look for, whatever else there is.
const ZEBRAS: usize = 500;
const RARE: usize = 40;
/// The time between two runs.
const APART: Duration = Duration::from_secs(30);
/// A stretch that has about a hundred runs.
pub const STRETCH: &str = "created_after=2026-06-02T12:00:00Z&created_before=2026-06-02T12:50:00Z";

/// What writes the runs.
pub struct Loader<'a> {
    world: &'a World,
    store: RunStore,
    tenant: Tenant,
    process: Process,
    stored: usize,
    random: fastrand::Rng,
}

impl<'a> Loader<'a> {
    pub async fn open(world: &'a World, stored: usize) -> Self {
        let steps: Vec<_> = (0..4).map(|n| json!({ "name": format!("Step {n}") })).collect();
        let body = json!({ "name": "Customer Onboarding", "steps": steps });
        let made = world.admin().send("POST", "/api/v1/processes", body).await;
        let id = made.json["id"].as_i64().expect("an id");
        let tenant = Tenant::parse("default").expect("a name");
        let processes = Processes::load(&world.env).expect("processes");
        let process = processes.find(&tenant, id).await.expect("the process");
        let store = RunStore::load(&world.env).expect("a store");
        Self { world, store, tenant, process, stored, random: fastrand::Rng::with_seed(1) }
    }

    /// Writes all runs, and seals what is complete.
    pub async fn load(mut self) -> i64 {
        for from in (0..self.stored).step_by(BATCH) {
            let many = BATCH.min(self.stored - from);
            let numbers = (0..many).map(async |_| self.store.next_number(&self.tenant).await);
            let mut ids: Vec<i64> =
                join_all(numbers).await.into_iter().map(|id| id.expect("a number")).collect();
            ids.sort_unstable();
            let runs: Vec<Run> = ids.into_iter().map(|id| self.run(id)).collect();
            self.store.index.add_many(&self.tenant, &runs).await.expect("indexed");
            let rows = runs.iter().map(|run| Item::of(run).expect("a row"));
            self.store.table.put_many(rows.collect()).await.expect("written");
            for update in figures::changes(&self.tenant, [], &runs) {
                self.store.table.update(update).await.expect("counted");
            }
            self.world.settled().await;
        }
        self.world.wait(3600);
        let sealer = Sealer::load(&self.world.env).expect("a sealer");
        while sealer.seal_next(&self.tenant).await.expect("sealed") {}
        self.process.id
    }

    /// A run as it may be: most values are common, names are shared by about fifty.
    fn run(&mut self, id: i64) -> Run {
        let at = usize::try_from(id).unwrap_or_default();
        let is_one_of = |many: usize| at % (self.stored / many).max(1) == 0;
        let (zebra, rare) = (is_one_of(ZEBRAS), is_one_of(RARE));
        let customer = self.random.usize(..(self.stored / 50).max(1));
        let name = match zebra {
            true => format!("Zebra Holdings {}", customer % 5),
            false => format!("Customer {customer:05} Corporation"),
        };
        let mut one_of = |all: &[&str]| all[self.random.usize(..all.len())].to_owned();
        let meta = json!({
            "priority": one_of(&["high", "normal", "normal", "low"]),
            "environment": one_of(&["production", "production", "production", "staging"]),
            "department": one_of(&["Sales", "Finance", "IT", "HR", "Legal"]),
            "region": one_of(&["EMEA", "APAC", "AMER"]),
            "campaign": if rare { "rare" } else { "usual" },
            "correlation_id": format!("req-{id:09}"),
        });
        let meta: Map<String, Value> = meta.as_object().cloned().unwrap_or_default();
        let start = Start {
            process: &self.process,
            entity_id: format!("CUST-{customer:07}"),
            entity_name: Some(name),
            meta: &meta,
            deadline: None,
        };
        self.world.clock.advance(APART);
        let now = self.world.clock.now_ms();
        let mut run = Run::new(&self.tenant, id, start, now);
        for step in &mut run.steps {
            step.status = StepStatus::Success;
            step.started_at = Some(now);
            step.finished_at = Some(now + 1000);
        }
        run.settle(&self.tenant, now + 60_000);
        run
    }
}
