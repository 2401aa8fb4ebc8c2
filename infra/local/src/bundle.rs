//! The whole bundle over one data folder: its database, its vault, and all routes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use functions::documentation::{self, Documentation};
use functions::integrations::{connections, contact_center, onec, personnel, webhooks};
use functions::processes::definitions::Processes;
use functions::processes::figures::Dashboard;
use functions::processes::reruns::Reruns;
use functions::processes::retention::Cleanup;
use functions::processes::runs::Runs;
use functions::processes::search::RunSearch;
use functions::support::{people, policies, stream, tickets};
use functions::{access, audit, enjaz, live, monitoring, notifications, pega, processes};
use shared::env::Env;
use shared::web::{Browsers, Gatekeeper, Routes, finish_beside};
use tokio::sync::watch;

use crate::data::DataFolder;
use crate::embedded::{Embedded, Sync, table_variables};
use crate::hints::{Nobody, Queues};
use crate::sockets::{self, Open};
use crate::vault::api::Rekeying;
use crate::vault::{self, FileVault, KEYS_VARIABLE};

/// How often streams look for what is new, in milliseconds: here that costs next to nothing.
const STREAM_POLL_MS: &str = "100";

/// A bundle that nobody calls yet.
pub(crate) struct Bundle {
    pub data: DataFolder,
    pub database: Embedded,
    pub vault: FileVault,
    pub env: Env,
    /// The sockets that are open.
    pub sockets: Arc<Open>,
    /// The first admin's key, when this made it.
    pub new_admin_key: Option<String>,
}

impl Bundle {
    /// Opens the folder, making what is not there yet.
    pub async fn open(
        folder: &Path,
        mut vars: HashMap<String, String>,
        sync: Sync,
        queues: Queues,
        private_targets: bool,
    ) -> Result<Self> {
        let data = DataFolder::take(folder)?;
        // Taken out, so that no use case sees it.
        let vault_keys = vars.remove(KEYS_VARIABLE);
        let vault = FileVault::open(data.path(), vault_keys.as_deref())?;
        // Before the database, so that a start that breaks off leaves a key or nothing.
        let new_admin_key = crate::admit::first_admin_key(&data)?;
        let database = Embedded::open(&data.database(), sync)?;
        vars.extend(table_variables().map(|(name, table)| (name.to_owned(), table.to_owned())));
        vars.entry("STREAM_POLL_MS".to_owned()).or_insert_with(|| STREAM_POLL_MS.to_owned());
        let env = Env::new(vars, database.sdk()).with_other_queues(Arc::new(Nobody));
        let env = if private_targets { env.with_private_targets() } else { env };
        let env = queues.into_iter().fold(env, |env, (name, queue)| env.with_queue(name, queue));
        let sockets = Arc::new(Open::default());
        let env = env.with_vault(Arc::new(vault.clone())).with_push(sockets.clone());
        let env = match database.disk() {
            Some(disk) => env.with_gate(Arc::new(disk)),
            None => env,
        };
        let env = crate::mail::with_mail(env)?;
        crate::admit::first_admin(&env, &data).await?;
        Ok(Self { data, database, vault, env, sockets, new_admin_key })
    }

    /// The routes of the bundle, each with its use case.
    fn routes(&self) -> Result<Routes> {
        let env = &self.env;
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
            .and(access::keys::api::routes().with(access::keys::Keys::load(env)?))
            .and(access::account::api::routes().with(access::account::Account::load(env)?))
            .and(access::sources::api::routes().with(access::sources::Sources::load(env)?))
            .and(access::tenants::api::routes().with(access::tenants::Tenants::load(env)?))
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
            .and(enjaz::api::routes().with(enjaz::Enjaz::load(env)?))
            .and(vault::api::routes().with(Rekeying::load(env, self.vault.clone())?))
            .and(webhooks::api::routes().with(webhooks::Webhooks::load(env)?))
            .and(notifications::api::routes().with(notifications::Notifications::load(env)?))
            .and(audit::api::routes().with(audit::AuditLog::load(env)?))
            .and(live::api::routes().with(live::Live::load(env)?))
            .and(monitoring::api::routes().with(monitoring::Health::load(env)?))
            .and(documentation::api::routes().with(Documentation::load(env)?)))
    }

    /// The routes as a service whose answers leave when what they rest on is on disk.
    pub fn router(&self, gatekeeper: Arc<dyn Gatekeeper>) -> Result<Router> {
        self.router_with(gatekeeper, Router::new())
    }

    /// The same, and sockets until `stopped`.
    pub fn router_with_sockets(
        &self,
        gatekeeper: Arc<dyn Gatekeeper>,
        stopped: watch::Receiver<bool>,
    ) -> Result<Router> {
        let (open, disk) = (self.sockets.clone(), self.database.disk());
        let sockets = sockets::router(&self.env, gatekeeper.clone(), open, disk, stopped)?;
        self.router_with(gatekeeper, sockets)
    }

    fn router_with(&self, gatekeeper: Arc<dyn Gatekeeper>, sockets: Router) -> Result<Router> {
        let browsers = Browsers::load(&self.env)?;
        let router = finish_beside(sockets, self.routes()?, gatekeeper, &browsers);
        let Some(disk) = self.database.disk() else { return Ok(router) };
        Ok(router.layer(from_fn(move |request: Request, next: Next| {
            let disk = disk.clone();
            async move {
                let response = next.run(request).await;
                disk.settled().await;
                response
            }
        })))
    }
}
