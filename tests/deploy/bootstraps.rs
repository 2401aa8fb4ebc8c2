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
    manifest_path: Option<PathBuf>,
}

impl Said {
    /// The function that was built, if that is what it says.
    fn function(self) -> Option<PathBuf> {
        let of_functions = |manifest: &PathBuf| manifest.ends_with("functions/Cargo.toml");
        self.executable.filter(|_| self.manifest_path.as_ref().is_some_and(of_functions))
    }
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
    // The whole workspace, as the tests were built: of the package alone the features of what
    // it depends on would be others, and all of that would be built once more.
    cargo.current_dir(root()?).args(["build", "--quiet", "--locked", "--workspace"]);
    let said = output(cargo.args(["--bins", "--message-format", "json"])).await?;
    for line in said.lines() {
        if let Some(function) = serde_json::from_str::<Said>(line)?.function() {
            lay_out(&function, &folder)?;
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
