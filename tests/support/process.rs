//! The real `caseway` process, to be killed.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{Caller, Credential, variables};

/// Environment variables.
pub type Vars = HashMap<String, String>;

/// A running `caseway serve`.
pub struct Process {
    child: Child,
    told: Lines<BufReader<ChildStdout>>,
    /// Where it listens.
    pub url: String,
}

impl Process {
    /// Starts `binary`, which is `env!("CARGO_BIN_EXE_caseway-under-test")`, on this
    /// folder and waits for the line that says that it listens.
    pub async fn start(binary: &str, data: &Path, vars: &Vars) -> Result<Self> {
        Self::launch(serving(binary, data, vars).env("LOG_LEVEL", "error")).await
    }

    /// The same, with what it logs at `LOG_LEVEL` in a file.
    pub async fn start_logging(binary: &str, data: &Path, vars: &Vars, log: File) -> Result<Self> {
        Self::launch(serving(binary, data, vars).stderr(log)).await
    }

    /// One that may call this machine and logs all it does into a file `log` beside its data,
    /// in this folder; and its admin.
    pub async fn start_watched(binary: &str, folder: &Path) -> Result<(Self, Caller)> {
        let mut vars = variables("");
        for (name, value) in [
            ("TARGET_NETWORKS", "127.0.0.1/32"),
            ("TARGET_PORTS", "1-65535"),
            ("LOG_LEVEL", "debug"),
        ] {
            vars.insert(name.to_owned(), value.to_owned());
        }
        let (data, log) = (folder.join("data"), File::create(folder.join("log"))?);
        let process = Self::start_logging(binary, &data, &vars, log).await?;
        let key = std::fs::read_to_string(data.join("admin.key"))?.trim().to_owned();
        let admin = Caller::new(&process.url, Credential::Bearer(key));
        Ok((process, admin))
    }

    async fn launch(command: &mut Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(url) = line.strip_prefix("caseway listening on ") {
                return Ok(Self { child, url: url.to_owned(), told: lines });
            }
        }
        anyhow::bail!("caseway ended before it listened")
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("kill it")
    }

    /// Tells it to end, as a service manager does, and waits until it has.
    pub async fn end(self) -> Result<ExitStatus> {
        Ok(self.end_and_tell().await?.1)
    }

    /// The same, with what it told the terminal after its address.
    pub async fn end_and_tell(mut self) -> Result<(Vec<String>, ExitStatus)> {
        let id = self.child.id().context("it has ended already")?;
        let told = Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        anyhow::ensure!(told.success(), "it could not be told to end");
        let mut told = Vec::new();
        while let Some(line) = self.told.next_line().await? {
            told.push(line);
        }
        Ok((told, self.child.wait().await.context("wait for its end")?))
    }
}

fn serving(binary: &str, data: &Path, vars: &Vars) -> Command {
    let mut command = Command::new(binary);
    command.args(["serve", "--port", "0", "--data"]).arg(data).envs(vars);
    command
}
