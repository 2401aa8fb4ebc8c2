//! The functions' real binaries, laid out as the template's packages are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::OnceCell;

use tests::support::python::{locked, output};

use super::{root, target};

/// A line of what cargo says as it builds.
#[derive(Deserialize)]
struct Said {
    executable: Option<PathBuf>,
}

/// The folder with `<function>/bootstrap` of every function, built by now.
pub(super) async fn folder() -> Result<PathBuf> {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_try_init(build).await.cloned()
}

async fn build() -> Result<PathBuf> {
    let folder = target()?.join("lambda-test");
    std::fs::create_dir_all(&folder)?;
    let _lock = locked(folder.join("lock")).await?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()?).args(["build", "--quiet", "--locked", "--package", "functions"]);
    let said = output(cargo.args(["--bins", "--message-format", "json"])).await?;
    for line in said.lines() {
        if let Some(executable) = serde_json::from_str::<Said>(line)?.executable {
            lay_out(&executable, &folder)?;
        }
    }
    Ok(folder)
}

/// Copies a binary to its place, unless it is there already.
fn lay_out(executable: &Path, folder: &Path) -> Result<()> {
    let folder = folder.join(executable.file_name().context("a binary has a name")?);
    let bootstrap = folder.join("bootstrap");
    let built = executable.metadata()?;
    let there = bootstrap.metadata().ok();
    let newer = built.modified()?;
    if there.is_some_and(|there| there.len() == built.len() && there.modified().ok() >= Some(newer))
    {
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let unfinished = folder.join("unfinished");
    std::fs::copy(executable, &unfinished)?;
    std::fs::rename(unfinished, bootstrap).context("put a bootstrap in its place")
}
