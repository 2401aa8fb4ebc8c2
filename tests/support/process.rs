//! The real `caseway` process, to be killed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `caseway serve`.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Process {
    /// Starts it on this folder and waits for the line that says that it listens.
    pub async fn start(data: &Path, vars: &HashMap<String, String>) -> Result<Self> {
        let mut child = Command::new(binary().await?)
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .envs(vars)
            .env("LOG_LEVEL", "error")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(url) = line.strip_prefix("caseway listening on ") {
                return Ok(Self { child, url: url.to_owned() });
            }
        }
        anyhow::bail!("caseway ended before it listened")
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("kill it")
    }
}

/// The `caseway` binary of this checkout, built if it is not.
async fn binary() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace")?;
    let built = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--quiet", "--locked", "--package", "local", "--bin", "caseway"])
        .status()
        .await?;
    ensure!(built.success(), "caseway does not build");
    let test = Path::new(&std::env::args().next().context("own path")?).canonicalize()?;
    let folder = test.parent().and_then(Path::parent).context("the build folder")?;
    let debug = folder.with_file_name("debug");
    Ok(debug.join("caseway"))
}
