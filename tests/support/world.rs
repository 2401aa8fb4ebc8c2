//! The routes of administration and of events behind the real gatekeeper, over a
//! database in memory, in a time that only the test moves.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use functions::access::keys::Keys;
use functions::access::{self, Setup, SetupCommand};
use functions::integrations::{self, connections, contact_center, onec, personnel, webhooks};
use functions::processes::definitions::Processes;
use functions::processes::figures::Dashboard;
use functions::processes::reruns::Reruns;
use functions::processes::retention::Cleanup;
use functions::processes::runs::Runs;
use functions::processes::search::RunSearch;
use functions::support::{people, policies, stream, tickets};
use functions::{audit, enjaz, live, notifications, pega, processes, support};
use local::embedded::{Embedded, table_variables, to_disk};
use local::mail::with_mail;
use local::vault::FileVault;
use serde_json::Value;
use shared::clock::Clock;
use shared::env::Env;
use shared::jobs::{Kinds, Lane, sweep};
use shared::tenant::Tenant;
use shared::vault::Vault;
use tempfile::TempDir;

use super::{Answer, Changing, Collected, Nowhere, Service, Timed};

/// A world of its own.
pub struct World {
    pub clock: Clock,
    pub env: Env,
    pub service: Service,
    pub admin_key: String,
    pub database: Embedded,
    /// Hints at deliveries that nobody was told of yet.
    pub deliveries: Arc<Collected>,
    /// Hints at events that nobody was told of yet.
    pub events: Arc<Collected>,
    /// Hints at notices that nobody was told of yet.
    pub notices: Arc<Timed>,
    /// Hints at jobs of runs that nobody was told of yet.
    pub runs: Arc<Timed>,
    /// Hints at workflows and timers of tickets that nobody was told of yet.
    pub tickets: Arc<Timed>,
    /// Hints at timers of tickets.
    timers: Arc<Timed>,
    /// Hints at jobs of workforce data.
    pub workforce: Arc<Timed>,
    /// Hints at synchronisations of Enjaz.
    pub enjaz: Arc<Timed>,
    kept: Kept,
}

/// What a world rests on.
struct Kept {
    vault: FileVault,
    vars: HashMap<String, String>,
    _folder: TempDir,
}

/// A call under construction.
pub struct Act<'a> {
    service: &'a Service,
    headers: Vec<(String, String)>,
}

impl World {
    /// With these variables, at noon of the first of June.
    pub async fn with(vars: &[(&str, &str)]) -> Self {
        let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
        Self::at(clock, vars).await
    }

    /// With these variables, in the time of this clock.
    pub async fn at(clock: Clock, vars: &[(&str, &str)]) -> Self {
        Self::made(clock, vars, in_memory, |env| env).await
    }

    /// The same on disk, where many events cost no more each than a few.
    pub async fn on_disk(clock: Clock, vars: &[(&str, &str)]) -> Self {
        let database = |folder: &Path| Embedded::open(&folder.join("caseway.db"), to_disk());
        Self::made(clock, vars, |folder| database(folder).expect("a database"), |env| env).await
    }

    /// With these variables, and users' targets at any address.
    pub async fn beside_its_targets(vars: &[(&str, &str)]) -> Self {
        let clock = Clock::manual("2026-06-01T12:00:00Z".parse().expect("a moment"));
        Self::made(clock, vars, in_memory, Env::with_private_targets).await
    }

    /// The same world, in which host names resolve so.
    pub fn with_names(mut self, names: Arc<Changing>) -> Self {
        self.env = self.env.with_names(names);
        self.service = Self::service(&self.env);
        self
    }

    async fn made(
        clock: Clock,
        vars: &[(&str, &str)],
        database: impl FnOnce(&Path) -> Embedded,
        more: impl FnOnce(Env) -> Env,
    ) -> Self {
        let vars = vars.iter().copied().chain(table_variables());
        let vars: HashMap<_, _> =
            vars.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let folder = TempDir::new().expect("a folder");
        let database = database(folder.path());
        let vault = FileVault::open(folder.path(), None).expect("a vault");
        let env = Env::new(vars.clone(), database.sdk()).with_clock(clock.clone());
        let (deliveries, events) = (Arc::new(Collected::default()), Arc::new(Collected::default()));
        let [notices, runs, tickets, timers, workforce, enjaz] =
            [(); 6].map(|()| Arc::new(Timed::by(clock.clone())));
        let env = env
            .with_queue("EVENTS_QUEUE_URL", events.clone())
            .with_queue("DELIVERIES_QUEUE_URL", deliveries.clone())
            .with_queue("RETRIES_QUEUE_URL", deliveries.clone())
            .with_queue("NOTICES_QUEUE_URL", notices.clone())
            .with_queue("RUNS_QUEUE_URL", runs.clone())
            .with_queue("TICKETS_QUEUE_URL", tickets.clone())
            .with_queue("TIMERS_QUEUE_URL", timers.clone())
            .with_queue("WORKFORCE_QUEUE_URL", workforce.clone())
            .with_queue("ENJAZ_QUEUE_URL", enjaz.clone())
            .with_other_queues(Arc::new(Nowhere));
        let env = more(env.with_vault(Arc::new(vault.clone())));
        let env = with_mail(env).expect("a way for mail");
        let setup = Setup::load(&env).expect("a setup");
        let tenant = Tenant::parse("default").expect("a name");
        let made = setup.run(SetupCommand::NewAdminKey { tenant }).await.expect("a key");
        let service = Self::service(&env);
        let admin_key = made.admin_key;
        let kept = Kept { vault, vars, _folder: folder };
        Self {
            clock,
            env,
            service,
            admin_key,
            database,
            deliveries,
            events,
            notices,
            runs,
            tickets,
            timers,
            workforce,
            enjaz,
            kept,
        }
    }

    /// The variables of its processes.
    pub fn vars(&self) -> HashMap<String, String> {
        self.kept.vars.clone()
    }

    /// Its vault.
    pub fn vault(&self) -> Arc<dyn Vault> {
        Arc::new(self.kept.vault.clone())
    }

    /// Another process over the same database.
    pub fn service(env: &Env) -> Service {
        let load = || -> shared::error::Result<_> {
            Ok(pega::api::intake_routes()
                .with(pega::Intake::load(env)?)
                .and(pega::api::log_routes().with(pega::EventLog::load(env)?))
                .and(pega::figures::api::routes().with(pega::figures::Figures::load(env)?))
                .and(pega::rules::api::routes().with(pega::rules::RuleEditor::load(env)?))
                .and(pega::checklists::api::routes().with(pega::checklists::Checklists::load(env)?))
                .and(pega::requests::api::routes().with(pega::requests::PegaRequests::load(env)?))
                .and(pega::compliance::api::routes().with(pega::compliance::Compliance::load(env)?))
                .and(pega::replays::api::routes().with(pega::replays::Replays::load(env)?))
                .and(processes::definitions::api::routes().with(Processes::load(env)?))
                .and(processes::runs::api::routes().with(Runs::load(env)?))
                .and(processes::search::api::routes().with(RunSearch::load(env)?))
                .and(processes::reruns::api::routes().with(Reruns::load(env)?))
                .and(processes::retention::api::routes().with(Cleanup::load(env)?))
                .and(processes::figures::api::routes().with(Dashboard::load(env)?))
                .and(tickets::api::routes().with(tickets::Tickets::load(env)?))
                .and(people::api::routes().with(people::Answers::load(env)?))
                .and(policies::api::routes().with(policies::PolicyEditor::load(env)?))
                .and(stream::api::routes().with(stream::Streams::load(env)?))
                .and(access::keys::api::routes().with(Keys::load(env)?))
                .and(access::account::api::routes().with(access::account::Account::load(env)?))
                .and(access::sources::api::routes().with(access::sources::Sources::load(env)?))
                .and(access::tenants::api::routes().with(access::tenants::Tenants::load(env)?))
                .and(enjaz::api::routes().with(enjaz::Enjaz::load(env)?))
                .and(webhooks::api::routes().with(webhooks::Webhooks::load(env)?))
                .and(notifications::api::routes().with(notifications::Notifications::load(env)?))
                .and(live::api::routes().with(live::Live::load(env)?))
                .and(
                    contact_center::push::api::routes()
                        .with(contact_center::push::PushIntake::load(env)?),
                )
                .and(contact_center::api::routes().with(contact_center::ContactCenter::load(env)?))
                .and(
                    contact_center::export::api::routes()
                        .with(contact_center::ContactCenter::load(env)?),
                )
                .and(
                    contact_center::import::api::routes()
                        .with(contact_center::import::Imports::load(env)?),
                )
                .and(connections::api::routes().with(connections::Connections::load(env)?))
                .and(onec::api::routes().with(onec::OneC::load(env)?))
                .and(personnel::api::routes().with(personnel::Personnel::load(env)?))
                .and(audit::api::routes().with(audit::AuditLog::load(env)?)))
        };
        Service::guarded(env, load().expect("all use cases"))
    }

    /// Returns when everything that was written is on the disk, as everybody waits for it
    /// whom a process answers; and has the database's log moved when it is long.
    pub async fn settled(&self) {
        if let Some(disk) = self.database.disk() {
            disk.settled().await;
        }
    }

    /// Moves time on.
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Works through all that is due now for webhooks, and what follows from it.
    pub async fn deliver(&self) {
        let worker = webhooks::worker(&self.env).expect("a worker");
        let lane = webhooks::lane(&self.env).expect("a lane");
        loop {
            sweep(&lane).await.expect("a sweep");
            let hints = self.deliveries.take();
            if hints.is_empty() {
                return;
            }
            for hint in hints {
                webhooks::deliver(&worker, hint).await.expect("worked through");
            }
        }
    }

    /// Works through all that is due now for Pega: events, replays and requests.
    pub async fn work(&self) {
        let worker = pega::worker(&self.env).expect("a worker");
        let lane = pega::lane(&self.env).expect("a lane");
        loop {
            sweep(&lane).await.expect("a sweep");
            let hints = self.events.take();
            if hints.is_empty() {
                return;
            }
            for hint in hints {
                pega::deliver(&worker, hint).await.expect("worked through");
            }
        }
    }

    /// Works through all notices that are due now, and what follows from it.
    pub async fn notify(&self) {
        let worker = notifications::worker(&self.env).expect("a worker");
        let lane = notifications::lane(&self.env).expect("a lane");
        loop {
            let mut hints = self.notices.take();
            if hints.is_empty() {
                sweep(&lane).await.expect("a sweep");
                hints = self.notices.take();
            }
            if hints.is_empty() {
                return;
            }
            for hint in hints {
                notifications::deliver(&worker, hint).await.expect("worked through");
            }
        }
    }

    /// Works through all jobs of runs that are due now, and what follows from it.
    pub async fn run(&self) {
        let worker = processes::worker(&self.env).expect("a worker");
        let lane = processes::lane(&self.env).expect("a lane");
        work(&worker, &lane, &self.runs).await;
    }

    /// Works through all workflows and timers of tickets that are due now, and what follows
    /// from it.
    pub async fn support(&self) {
        let worker = support::worker(&self.env).expect("a worker");
        let lane = support::lane(&self.env).expect("a lane");
        work(&worker, &lane, &self.tickets).await;
        let worker = support::timers_worker(&self.env).expect("a worker");
        let lane = support::timers_lane(&self.env).expect("a lane");
        work(&worker, &lane, &self.timers).await;
    }

    /// Works through all synchronisations of Enjaz that are due now, and what follows from it.
    pub async fn enjaz(&self) {
        let worker = enjaz::worker(&self.env).expect("a worker");
        let lane = enjaz::lane(&self.env).expect("a lane");
        work(&worker, &lane, &self.enjaz).await;
    }

    /// Works through all jobs of workforce data that are due now, and what follows from it.
    pub async fn workforce(&self) {
        let worker = integrations::worker(&self.env).expect("a worker");
        let lane = integrations::lane(&self.env).expect("a lane");
        work(&worker, &lane, &self.workforce).await;
    }

    /// Somebody with these headers.
    pub fn who(&self, headers: &[(&str, &str)]) -> Act<'_> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Act { service: &self.service, headers: headers.collect() }
    }

    /// Somebody with this API key or token.
    pub fn bearer(&self, token: &str) -> Act<'_> {
        self.who(&[("authorization", &format!("Bearer {token}"))])
    }

    /// The admin.
    pub fn admin(&self) -> Act<'_> {
        self.bearer(&self.admin_key)
    }

    /// A new key as the API answers it.
    pub async fn key(&self, new: Value) -> Value {
        let made = self.admin().send("POST", "/api/v1/api-keys", new).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json
    }
}

fn in_memory(_: &Path) -> Embedded {
    Embedded::in_memory().expect("a database")
}

impl Act<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, String::new()).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(method, path, body).await
    }

    pub async fn raw(&self, method: &str, path: &str, body: String) -> Answer {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.service.ask(method, path, &headers, body).await
    }
}

/// Works through all that is due now in a lane, and what follows from it.
async fn work(worker: &Kinds, lane: &Lane, hinted: &Timed) {
    loop {
        let mut hints = hinted.take();
        if hints.is_empty() {
            sweep(lane).await.expect("a sweep");
            hints = hinted.take();
        }
        if hints.is_empty() {
            return;
        }
        for hint in hints {
            worker.deliver(hint).await.expect("worked through");
        }
    }
}
