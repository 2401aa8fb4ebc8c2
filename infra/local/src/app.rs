//! Runs the bundle: all routes, the workers, the schedules.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use functions::access;
use functions::upkeep::resume;
use shared::env::Env;
use shared::web::Gatekeeper;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::bundle::Bundle;
use crate::data::DataFolder;
use crate::embedded::{Embedded, Sync};
use crate::lanes::Lanes;
use crate::vault::FileVault;
use crate::{admit, sockets, tasks};

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
    /// Whether webhooks and connections may lead to this machine and its network; only
    /// for a process that nobody but this machine reaches.
    pub private_targets: bool,
}

impl Options {
    /// Whether nobody but this machine reaches the process.
    pub fn is_alone(&self) -> bool {
        matches!(self.host.as_str(), "127.0.0.1" | "::1" | "localhost")
    }
}

/// A running installation.
pub struct App {
    address: SocketAddr,
    bundle: Bundle,
    gatekeeper: Arc<dyn Gatekeeper>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl App {
    /// Opens the data folder, takes up what was left under way, and listens.
    pub async fn start(options: Options) -> Result<Self> {
        let private = options.private_targets;
        let alone = options.is_alone();
        let (lanes, queues) = Lanes::open();
        let Options { data, vars, sync, .. } = options;
        let bundle = Bundle::open(&data, vars, sync, queues, private).await?;
        let (env, database) = (&bundle.env, &bundle.database);
        let open = env.targets()?.reach_this_machine();
        ensure!(alone || !open, "private targets are for a process on 127.0.0.1 alone");
        admit::named_sender(env).await?;
        let open = resume(env).await?;
        if open > 0 {
            tracing::info!(open, "taking up what was left under way");
        }

        let listener = TcpListener::bind((options.host.as_str(), options.port)).await;
        let listener =
            listener.with_context(|| format!("listen on {}:{}", options.host, options.port))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        lanes.work(env, &mut tasks, &stopped)?;
        tasks.spawn(sockets::until_closed(bundle.sockets.clone(), stopped.clone()));
        let rounds = tasks::Rounds::load(env)?;
        tasks.spawn(tasks::sweep(rounds, database.clone(), stopped.clone()));
        let gatekeeper = access::gatekeeper(env)?;
        tasks.spawn(tasks::settle(gatekeeper.clone(), stopped.clone()));
        let router = bundle.router_with_sockets(gatekeeper.clone(), stopped.clone())?;
        tasks.spawn(tasks::serve(listener, router, stopped));
        bundle.data.tell_address(&format!("http://{address}"))?;
        Ok(Self { address, bundle, gatekeeper, stop, tasks })
    }

    /// `http://<host>:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first admin's key, when this start made it.
    pub fn new_admin_key(&self) -> Option<&str> {
        self.bundle.new_admin_key.as_deref()
    }

    /// The data folder.
    pub fn data(&self) -> &DataFolder {
        &self.bundle.data
    }

    /// The database.
    pub fn database(&self) -> &Embedded {
        &self.bundle.database
    }

    /// What its use cases are loaded from.
    pub fn env(&self) -> &Env {
        &self.bundle.env
    }

    /// The vault.
    pub fn vault(&self) -> &FileVault {
        &self.bundle.vault
    }

    /// Answers what is open, then ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            // Cut off, which is safe: the next start takes it up.
            self.tasks.shutdown().await;
        }
        // Whoever was answered last is counted as well.
        self.gatekeeper.settle(true).await;
        if let Some(disk) = self.bundle.database.disk() {
            disk.settled().await;
        }
    }
}
