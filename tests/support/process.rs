//! The real `caseway` process, to be killed.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Environment variables.
pub type Vars = HashMap<String, String>;

/// A running `caseway serve`.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Process {
    /// Starts `binary`, which is `env!("CARGO_BIN_EXE_caseway-under-test")`, on this
    /// folder and waits for the line that says that it listens.
    pub async fn start(binary: &str, data: &Path, vars: &Vars) -> Result<Self> {
        let mut child = Command::new(binary)
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

    /// Tells it to end, as a service manager does, and waits until it has.
    pub async fn end(mut self) -> Result<std::process::ExitStatus> {
        let id = self.child.id().context("it has ended already")?;
        let told = Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        anyhow::ensure!(told.success(), "it could not be told to end");
        self.child.wait().await.context("wait for its end")
    }
}
