//! The command line of `caseway`.

mod admin;
mod api;
mod audit;
mod import;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use shared::env::Env;
use tokio::signal::unix::{SignalKind, signal};

use crate::embedded::to_disk;
use crate::say::{complain, say};
use crate::{App, Options, demo};
use api::Whom;

/// Connects case systems. Without a command it serves.
#[derive(Parser)]
#[command(name = "caseway", version, args_conflicts_with_subcommands = true)]
struct Command {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Action {
    /// Runs the whole bundle: all routes, workers, schedules.
    Serve(Serve),
    /// Serves beside simulated outside systems, and shows what happens to sample events.
    Demo(Serve),
    /// Makes, lists and revokes API keys.
    Keys(Administer<admin::Keys>),
    /// Registers the systems that send events, and renews their secrets.
    Sources(Administer<admin::Sources>),
    /// Registers, suspends and resumes tenants.
    Tenants(Administer<admin::Tenants>),
    /// Imports records of a contact centre from a file.
    Import(import::Import),
    /// Exports and verifies the audit trail.
    Audit(Administer<audit::Audit>),
    /// Renews the keys of a data folder's encrypted vault.
    Vault(Administer<admin::Vault>),
}

/// A command of administration, and whom it talks to.
#[derive(Args)]
struct Administer<What: Subcommand> {
    #[command(flatten)]
    whom: Whom,
    #[command(subcommand)]
    what: What,
}

/// Where to listen and keep things.
#[derive(Args, Clone)]
pub(crate) struct Serve {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 for any free one.
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Folder that everything is kept in.
    #[arg(long, default_value = "./.caseway")]
    data: PathBuf,
    /// Lets webhooks and connections lead to this machine and its network. Only together
    /// with a host of 127.0.0.1.
    #[arg(long)]
    allow_private_targets: bool,
}

/// Does what the command line asks for.
#[tokio::main]
pub async fn main() -> ExitCode {
    match run_command(Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run_command(command: Command) -> Result<()> {
    let vars = Env::process_vars();
    let serves = matches!(command.action, None | Some(Action::Demo(_) | Action::Serve(_)));
    // A command's own words are its answer; what else is logged would be in the way.
    let level = vars.get("LOG_LEVEL").map_or(if serves { "info" } else { "error" }, String::as_str);
    shared::telemetry::start_local(Some(level));
    match command.action {
        None => run(command.serve.with(vars)).await,
        Some(Action::Serve(serve)) => run(serve.with(vars)).await,
        Some(Action::Demo(serve)) => demo::run(serve, vars).await,
        Some(Action::Keys(keys)) => keys.what.run(&keys.whom.api(vars).await?).await,
        Some(Action::Sources(sources)) => sources.what.run(&sources.whom.api(vars).await?).await,
        Some(Action::Tenants(tenants)) => tenants.what.run(&tenants.whom.api(vars).await?).await,
        Some(Action::Vault(vault)) => vault.what.run(&vault.whom.api(vars).await?).await,
        Some(Action::Import(import)) => import.run(&import.whom.clone().api(vars).await?).await,
        Some(Action::Audit(audit)) if audit.what.is_offline() => audit.what.run(None).await,
        Some(Action::Audit(audit)) => audit.what.run(Some(&audit.whom.api(vars).await?)).await,
    }
}

impl Serve {
    pub(crate) fn with(self, vars: HashMap<String, String>) -> Options {
        let sync = to_disk();
        let Self { host, port, data, allow_private_targets: private_targets } = self;
        Options { host, port, data, vars, sync, private_targets }
    }
}

async fn run(options: Options) -> Result<()> {
    let app = App::start(options).await?;
    if let Some(key) = app.new_admin_key() {
        let file = app.data().admin_key_file();
        say(&format!("admin key (shown once, kept in {}): {key}", file.display()));
    }
    say(&format!("caseway listening on {}", app.url()));
    wait_for_the_end().await?;
    app.stop().await;
    Ok(())
}

/// Returns at SIGINT or SIGTERM.
pub(crate) async fn wait_for_the_end() -> Result<()> {
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
