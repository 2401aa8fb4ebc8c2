//! Whatever happens to runs, and whenever blocks are sealed, a search finds what looking at
//! each of them would find.

use functions::processes::definitions::Processes;
use functions::processes::index::Sealer;
use functions::processes::runs::{Change, Run, RunStatus, RunStore, Start, StepStatus};
use functions::processes::search::{RunSearch, api};
use serde_json::{Map, Value, json};
use shared::clock::Clock;
use shared::tenant::Tenant;
use shared::web::{Caller, percent_encode};
use tests::support::{Service, World};

/// How many runs a block has here.
const BLOCK: i64 = 64;
const ACTS: usize = 900;
const NAMES: [&str; 6] =
    ["Acme Corporation", "ACME Inc", "Straße 5", "Ежедневный Отчёт", "Bolt", "Pac Men"];
const PARTS: [&str; 7] = ["acme", "STRASSE", "отчёт", "bol", "men", "zzz", "a"];
const PRIORITIES: [&str; 3] = ["high", "low", "Mid, or so"];
const HOUR_MS: i64 = 3_600_000;

struct Books {
    world: World,
    service: Service,
    store: RunStore,
    sealer: Sealer,
    processes: Vec<i64>,
    by: Caller,
    runs: Vec<Run>,
    random: fastrand::Rng,
    sealed: usize,
}

/// A search, as it is asked for and as it is held against a run.
#[derive(Debug, Default)]
struct Wanted {
    process: Option<i64>,
    status: Option<RunStatus>,
    part: Option<&'static str>,
    entity: Option<String>,
    priorities: Vec<&'static str>,
    size: Option<i64>,
    created: Option<(i64, i64)>,
    started: Option<(i64, i64)>,
    ascending: bool,
}

impl Books {
    async fn open(seed: u64) -> Self {
        let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
        // In memory the database remembers the token of each transaction.
        let world = World::on_disk(clock, &[("RATE_LIMIT_PER_MINUTE", "100000000")]).await;
        let mut processes = Vec::new();
        for name in ["First", "Second"] {
            let body = json!({ "name": name, "steps": [{ "name": "Only" }] });
            let made = world.admin().send("POST", "/api/v1/processes", body).await;
            processes.push(made.json["id"].as_i64().expect("an id"));
        }
        let mut search = RunSearch::load(&world.env).expect("a search");
        search.index = search.index.with_blocks_of(BLOCK);
        let mut store = RunStore::load(&world.env).expect("a store");
        store.index = search.index.clone();
        let sealer = Sealer::load(&world.env).expect("a sealer").over(search.index.clone());
        let service = Service::of(&world.env, api::routes().with(search));
        let by = Caller::system(&Tenant::parse("default").expect("a name"));
        let random = fastrand::Rng::with_seed(seed);
        Self { world, service, store, sealer, processes, by, runs: Vec::new(), random, sealed: 0 }
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.random.usize(..all.len())]
    }

    fn meta(&mut self) -> Map<String, Value> {
        let mut meta = Map::new();
        meta.insert("priority".into(), self.one_of(&PRIORITIES).into());
        meta.insert("at".into(), json!({ "size": self.random.i64(0..40) }));
        meta
    }

    async fn start(&mut self) {
        let id = self.store.next_number(&self.by.tenant).await.expect("a number");
        if self.random.u8(..20) == 0 {
            // A number that was taken and never used.
            return;
        }
        let process = self.one_of(&self.processes.clone());
        let processes = Processes::load(&self.world.env).expect("processes");
        let process = processes.find(&self.by.tenant, process).await.expect("a process");
        let name = self.one_of(&NAMES);
        let start = Start {
            process: &process,
            entity_id: format!("E{}", self.random.u8(..20)),
            entity_name: (self.random.u8(..5) > 0).then(|| name.to_owned()),
            meta: &self.meta(),
            deadline: None,
        };
        let run = Run::new(&self.by.tenant, id, start, self.world.clock.now_ms());
        self.store.create(&self.by, &run, Vec::new()).await.expect("written").expect("new");
        self.runs.push(run);
    }

    /// Changes a run: its metadata, its step, or whether it is deleted.
    async fn change(&mut self) {
        if self.runs.is_empty() {
            return;
        }
        let at = self.random.usize(..self.runs.len());
        let (what, meta) = (self.random.u8(..6), Value::Object(self.meta()).to_string());
        let act = |run: &mut Run, now: i64| {
            match what {
                0 | 1 => run.meta.clone_from(&meta),
                2 => run.deleted_at = run.deleted_at.is_none().then_some(now),
                3 => run.steps[0].status = StepStatus::Running,
                4 => run.steps[0].status = StepStatus::Success,
                _ => run.steps[0].status = StepStatus::Failed,
            }
            Ok(Some(Change::of("run.update")))
        };
        let id = self.runs[at].id();
        self.runs[at] = self.store.change_deleted(&self.by, id, act).await.expect("changed");
    }

    async fn seal(&mut self) {
        while self.sealer.seal_next(&self.by.tenant).await.expect("sealed") {
            self.sealed += 1;
        }
    }

    fn wanted(&mut self) -> Wanted {
        let mut wanted = Wanted { ascending: self.random.bool(), ..Wanted::default() };
        let now = self.world.clock.now_ms();
        for _ in 0..self.random.u8(..4) {
            let from = now - self.random.i64(0..=now - self.runs[0].created_at);
            let stretch = Some((from, from + self.random.i64(0..90 * 24) * HOUR_MS));
            match self.random.u8(..8) {
                0 => wanted.process = Some(self.one_of(&self.processes.clone())),
                1 => wanted.status = Some(self.one_of(&RunStatus::ALL)),
                2 => wanted.part = Some(self.one_of(&PARTS)),
                3 => wanted.entity = Some(format!("E{}", self.random.u8(..22))),
                4 => wanted.priorities.push(self.one_of(&PRIORITIES)),
                5 => wanted.size = Some(self.random.i64(0..40)),
                6 => wanted.created = stretch,
                _ => wanted.started = stretch,
            }
        }
        wanted
    }

    /// The numbers that a search finds, page by page.
    async fn found(&mut self, wanted: &Wanted) -> Vec<i64> {
        let (mut all, mut total) = (Vec::new(), None);
        let mut query = format!("limit={}&{}", self.random.u8(1..60), wanted.query());
        loop {
            let path = format!("/api/v1/runs?{query}");
            let answer = self.service.ask("GET", &path, &[], String::new()).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            let runs = answer.json.as_array().expect("runs").clone();
            all.extend(runs.iter().map(|run| run["id"].as_i64().expect("an id")));
            if answer.header("x-total-count-exact").is_empty() {
                total = Some(answer.header("x-total-count").to_owned());
            }
            let link = answer.header("link").to_owned();
            let Some(next) = link.split(", ").find(|link| link.ends_with("rel=\"next\"")) else {
                break;
            };
            query = next.trim_start_matches("<?").split('>').next().unwrap_or_default().into();
        }
        assert!(total.is_none_or(|total| total == all.len().to_string()), "{wanted:?}");
        all
    }

    async fn check(&mut self) {
        if self.runs.is_empty() {
            return;
        }
        let wanted = self.wanted();
        let found = self.found(&wanted).await;
        let mut expected: Vec<i64> =
            self.runs.iter().filter(|run| wanted.is(run)).map(Run::id).collect();
        if !wanted.ascending {
            expected.reverse();
        }
        assert_eq!(found, expected, "{wanted:?}, {} sealed", self.sealed);
    }
}

impl Wanted {
    fn query(&self) -> String {
        let mut all = Vec::new();
        all.extend(self.process.map(|process| format!("process_id={process}")));
        all.extend(self.status.map(|status| format!("status={}", status.name())));
        all.extend(self.part.map(|part| format!("entity_name={}", percent_encode(part))));
        all.extend(self.entity.as_ref().map(|entity| format!("entity_id={entity}")));
        let priorities = self.priorities.iter();
        all.extend(priorities.map(|p| format!("meta_filter=priority:{}", percent_encode(p))));
        all.extend(self.size.map(|size| format!("meta_filter=at.size:{size}")));
        for (name, stretch) in [("created", self.created), ("started", self.started)] {
            let at = |ms| percent_encode(&shared::clock::timestamp(ms).to_string());
            let range = stretch
                .map(|(from, to)| format!("{name}_after={}&{name}_before={}", at(from), at(to)));
            all.extend(range);
        }
        all.push(format!("sort_direction={}", if self.ascending { "asc" } else { "desc" }));
        all.join("&")
    }

    /// By nothing but the run itself, in words of its own.
    fn is(&self, run: &Run) -> bool {
        let meta: Value = serde_json::from_str(&run.meta).expect("metadata");
        let lower = |text: &str| text.to_lowercase().replace('ß', "ss");
        let within = |stretch: Option<(i64, i64)>, at: Option<i64>| {
            stretch.is_none_or(|(from, to)| at.is_some_and(|at| from <= at && at <= to))
        };
        let name = run.entity_name.as_deref().map(lower);
        run.deleted_at.is_none()
            && self.process.is_none_or(|process| process == run.process_id)
            && self.status.is_none_or(|status| status == run.status)
            && self.part.is_none_or(|part| name.is_some_and(|name| name.contains(&lower(part))))
            && self.entity.as_ref().is_none_or(|entity| *entity == run.entity_id)
            && (self.priorities.is_empty()
                || self.priorities.iter().any(|priority| meta["priority"] == **priority))
            && self.size.is_none_or(|size| meta["at"]["size"] == size)
            && within(self.created, Some(run.created_at))
            && within(self.started, run.started_at)
    }
}

#[tokio::test]
async fn a_search_finds_what_looking_at_each_run_would_find() {
    let mut books = Books::open(7).await;
    for _ in 0..ACTS {
        match books.random.u8(..100) {
            0..60 => books.start().await,
            60..84 => books.change().await,
            84..86 => books.seal().await,
            86..92 => books.world.wait(books.random.u64(..7200)),
            _ => books.check().await,
        }
    }
    assert!(books.sealed > 4, "only {} blocks were sealed", books.sealed);
}
