//! The template and the real bootstraps on an emulated AWS account, and what can
//! be said of the template without one.
//!
//! What this needs of Python it installs itself, under the target folder, at the
//! first run. The account obeys the template's policies: a function that lacks a
//! permission fails here as it would on AWS.

mod bootstraps;
mod deployed;
mod lint;
mod main_job;
mod operator;
mod python;
mod template;

pub use deployed::Deployed;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

/// The workspace's folder.
fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace has a folder")
}

/// The folder that holds all that is built.
fn target() -> Result<&'static Path> {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("the target folder")
}

/// One of this folder's files.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

/// What a command writes, if it ends well; what it complained of, if not.
async fn output(command: &mut Command) -> Result<String> {
    let named = format!("{:?}", command.as_std().get_program());
    let done = command.kill_on_drop(true).output().await.with_context(|| format!("run {named}"))?;
    let written = String::from_utf8_lossy(&done.stdout);
    let complaints = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{named} failed:\n{written}{complaints}");
    Ok(written.into_owned())
}

/// Waits for this file's lock, which other tests and processes take as well.
async fn locked(path: PathBuf) -> Result<std::fs::File> {
    tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(&path).context("make a lock")?;
        file.lock().with_context(|| format!("lock {}", path.display()))?;
        Ok(file)
    })
    .await?
}
