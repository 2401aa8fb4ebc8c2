//! Every function of the template comes up with the variables and the role that the template
//! gives it: what one lacks is else seen only where a flow happens to need it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use futures_util::stream::{TryStreamExt, iter};
use simulators::Server;
use std::future::pending;
use tokio::process::Command;
use tokio::sync::Notify;

use super::template::Template;
use super::{Deployed, bootstraps};

/// How many come up at a time.
const AT_ONCE: usize = 4;

/// Has each come up alone, until it asks for its first invocation.
pub async fn every_function_comes_up(deployed: &Deployed) -> Result<()> {
    let folder = bootstraps::folder().await?;
    let mut functions = Vec::new();
    for (name, bin) in Template::read().await?.functions()? {
        functions.push((name, folder.join(bin).join("bootstrap")));
    }
    ensure!(!functions.is_empty(), "no functions");
    let all = iter(functions.into_iter().map(Ok));
    all.try_for_each_concurrent(AT_ONCE, |(name, bootstrap)| async move {
        comes_up(deployed, name, bootstrap).await.with_context(|| name.to_owned())
    })
    .await
}

async fn comes_up(deployed: &Deployed, name: &str, bootstrap: PathBuf) -> Result<()> {
    let asked = Arc::new(Notify::new());
    let asks = Arc::clone(&asked);
    let runtime = Router::new().fallback(move || {
        asks.notify_one();
        pending::<()>()
    });
    let runtime = Server::start(runtime, 0).await?;
    let function = Command::new(bootstrap)
        .env_clear()
        .envs(deployed.environment(name).await?)
        .env("AWS_LAMBDA_RUNTIME_API", runtime.url().trim_start_matches("http://"))
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    tokio::select! {
        () = asked.notified() => Ok(()),
        ended = function.wait_with_output() => {
            bail!("it ended: {}", String::from_utf8_lossy(&ended?.stderr))
        }
    }
}
