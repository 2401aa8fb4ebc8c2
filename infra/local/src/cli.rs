//! The command line of `caseway`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use shared::env::Env;
use tokio::signal::unix::{SignalKind, signal};

use crate::embedded::to_disk;
use crate::say::say;
use crate::{App, Options, demo};

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
}

/// Does what the command line asks for.
#[tokio::main]
pub async fn main() -> Result<()> {
    let command = Command::parse();
    let vars = Env::process_vars();
    shared::telemetry::start_local(vars.get("LOG_LEVEL").map(String::as_str));
    match command.action {
        Some(Action::Demo(serve)) => demo::run(serve, vars).await,
        Some(Action::Serve(serve)) => run(serve.with(vars)).await,
        None => run(command.serve.with(vars)).await,
    }
}

impl Serve {
    pub(crate) fn with(self, vars: std::collections::HashMap<String, String>) -> Options {
        let sync = to_disk();
        Options { host: self.host, port: self.port, data: self.data, vars, sync }
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
