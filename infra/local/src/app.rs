//! Puts the bundle together and runs it: all routes, the workers, the sweeper.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::serve::ListenerExt;
use axum::{Router, ServiceExt};
use functions::access::{self, ApiKey, SenderCredential, Setup, SetupCommand};
use functions::upkeep::{Sweeper, resume};
use functions::{monitoring, pega};
use shared::env::Env;
use shared::tenant::Tenant;
use shared::web::{Routes, finish};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use crate::data::DataFolder;
use crate::embedded::{Embedded, Sync, table_variables};
use crate::hints;

/// How often the sweeper looks; on AWS it is a minute.
const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// How long open requests and jobs are waited for at the end.
const GRACE: Duration = Duration::from_secs(25);

/// What a local installation is started with.
pub struct Options {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 for any free one.
    pub port: u16,
    /// Data folder.
    pub data: PathBuf,
    /// Variables, as functions have them on AWS.
    pub vars: HashMap<String, String>,
    /// How writes are put on the disk.
    pub sync: Sync,
}

/// A running installation.
pub struct App {
    address: SocketAddr,
    /// The first admin's key, when this start made it.
    new_admin_key: Option<String>,
    data: DataFolder,
    database: Embedded,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl App {
    /// Opens the data folder, takes up what was left under way, and listens.
    pub async fn start(options: Options) -> Result<Self> {
        let data = DataFolder::take(&options.data)?;
        // Before the database, so that a start that breaks off leaves a key or nothing.
        let new_admin_key = first_admin_key(&data)?;
        let database = Embedded::open(&data.database(), options.sync)?;
        let (queue, hinted) = hints::channel();
        let env = environment(options.vars, &database).with_queue("EVENTS_QUEUE_URL", queue);

        admit_first_admin(&env, &data).await?;
        admit_senders(&env).await?;
        let open = resume(&env).await?;
        if open > 0 {
            tracing::info!(open, "taking up what was left under way");
        }

        let listener = TcpListener::bind((options.host.as_str(), options.port)).await;
        let listener =
            listener.with_context(|| format!("listen on {}:{}", options.host, options.port))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let worker = Arc::new(pega::worker(&env)?);
        tasks.spawn(hints::work(hinted, stopped.clone(), move |hint| {
            let worker = worker.clone();
            async move { worker.deliver(hint).await }
        }));
        tasks.spawn(sweep(Sweeper::load(&env)?, database.clone(), stopped.clone()));
        tasks.spawn(serve(listener, router(&env, &database)?, stopped));
        Ok(Self { address, new_admin_key, data, database, stop, tasks })
    }

    /// `http://<host>:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first admin's key, when this start made it.
    pub fn new_admin_key(&self) -> Option<&str> {
        self.new_admin_key.as_deref()
    }

    /// The data folder.
    pub fn data(&self) -> &DataFolder {
        &self.data
    }

    /// The database.
    pub fn database(&self) -> &Embedded {
        &self.database
    }

    /// Answers what is open, then ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            // Cut off, which is safe: the next start takes it up.
            self.tasks.shutdown().await;
        }
        if let Some(disk) = self.database.disk() {
            disk.settled().await;
        }
    }
}

fn environment(mut vars: HashMap<String, String>, database: &Embedded) -> Env {
    let tables = table_variables().map(|(name, table)| (name.to_owned(), table.to_owned()));
    vars.extend(tables);
    let env = Env::new(vars, database.sdk());
    match database.disk() {
        Some(disk) => env.with_gate(Arc::new(disk)),
        None => env,
    }
}

/// The routes of the bundle, each with its use case.
fn routes(env: &Env) -> Result<Routes> {
    Ok(pega::api::intake_routes()
        .with(pega::Intake::load(env)?)
        .and(pega::api::log_routes().with(pega::EventLog::load(env)?))
        .and(monitoring::api::routes().with(monitoring::Health::load(env)?)))
}

/// The routes as a service whose answers leave when what they rest on is on disk.
fn router(env: &Env, database: &Embedded) -> Result<Router> {
    let router = finish(routes(env)?, access::gatekeeper(env)?);
    let Some(disk) = database.disk() else { return Ok(router) };
    Ok(router.layer(from_fn(move |request: Request, next: Next| {
        let disk = disk.clone();
        async move {
            let response = next.run(request).await;
            disk.settled().await;
            response
        }
    })))
}

async fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let listener = listener.tap_io(|stream| {
        // Answers are small; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
    });
    let service = NormalizePathLayer::trim_trailing_slash().layer(router);
    let service = ServiceExt::<Request>::into_make_service(service);
    let _ = axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        })
        .into_future()
        .await;
}

async fn sweep(sweeper: Sweeper, database: Embedded, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = sweeper.tick().await {
            tracing::error!(%error, "sweep failed");
        }
        database.sweep_expired();
    }
}

/// The tenant of a local installation.
fn tenant() -> Result<Tenant> {
    Ok(Tenant::parse("default")?)
}

/// Makes the first admin's key and keeps it, if there is neither a key nor a
/// database yet.
fn first_admin_key(data: &DataFolder) -> Result<Option<String>> {
    if data.admin_key()?.is_some() || !data.is_new() {
        return Ok(None);
    }
    let key = ApiKey::generate();
    data.keep_admin_key(key.reveal())?;
    Ok(Some(key.reveal().to_owned()))
}

/// Admits the key that is kept in the data folder, at every start, so that one that
/// broke off leaves a key that works. An operator may take the file away.
async fn admit_first_admin(env: &Env, data: &DataFolder) -> Result<()> {
    if let Some(kept) = data.admin_key()? {
        let key = ApiKey::parse(&kept).context("admin.key does not hold a key")?;
        Setup::load(env)?.admit_admin(&tenant()?, &key).await?;
    }
    Ok(())
}

/// Admits the sender that the variables name, if they name one.
async fn admit_senders(env: &Env) -> Result<()> {
    let basic = env.optional("SENDER_USERNAME").zip(env.optional("SENDER_PASSWORD"));
    let basic = basic.map(|(username, password)| SenderCredential::Basic {
        username: username.to_owned(),
        password: password.to_owned(),
    });
    let header = env.optional("SENDER_KEY");
    let header = header.map(|value| SenderCredential::Header { value: value.to_owned() });
    for credential in [basic, header].into_iter().flatten() {
        let (tenant, source) = (tenant()?, "pega".to_owned());
        let command = SetupCommand::AddSender { tenant, source, credential };
        Setup::load(env)?.run(command).await?;
    }
    Ok(())
}
