//! Commands of the real `caseway`, as somebody at a terminal gives them.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A command line without its command: the binary, and whom it talks to.
#[derive(Clone, Debug)]
pub struct CommandLine {
    binary: &'static str,
    whom: Vec<String>,
    vars: Vec<(String, String)>,
}

/// How a command ended, and what it wrote.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl CommandLine {
    /// Of a data folder. `binary` is `env!("CARGO_BIN_EXE_caseway-under-test")`.
    pub fn on_folder(binary: &'static str, data: &Path) -> Self {
        let whom = vec!["--data".to_owned(), data.display().to_string()];
        Self { binary, whom, vars: Vec::new() }
    }

    /// Of a server, with an API key.
    pub fn on_server(binary: &'static str, url: &str, key: &str) -> Self {
        let whom = vec!["--url".to_owned(), url.to_owned()];
        Self { binary, whom, vars: Vec::new() }.var("CASEWAY_KEY", key)
    }

    /// With one more argument.
    pub fn arg(mut self, arg: &str) -> Self {
        self.whom.push(arg.to_owned());
        self
    }

    /// With one more variable.
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives a command, its words with blanks between.
    pub async fn run(&self, words: &str) -> Result<Ended> {
        self.run_with(words, "").await
    }

    /// The same, with this on its standard input.
    pub async fn run_with(&self, words: &str, input: &str) -> Result<Ended> {
        let mut command = Command::new(self.binary);
        command.args(words.split(' ')).args(&self.whom).kill_on_drop(true);
        for name in ["CASEWAY_URL", "CASEWAY_KEY", "LOG_LEVEL"] {
            command.env_remove(name);
        }
        command.env("RUST_BACKTRACE", "1").envs(self.vars.clone());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().context("its input")?;
        // Whoever does not read it may have ended before.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let ended = child.wait_with_output().await?;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).context("UTF-8");
        Ok(Ended { code: ended.status.code(), out: text(ended.stdout)?, err: text(ended.stderr)? })
    }

    /// What a command that goes well writes.
    pub async fn done(&self, words: &str) -> Result<String> {
        let ended = self.run(words).await?;
        ensure!(ended.code == Some(0) && ended.err.is_empty(), "{words}: {ended:?}");
        Ok(ended.out)
    }

    /// The JSON that it writes.
    pub async fn json(&self, words: &str) -> Result<Value> {
        let out = self.done(words).await?;
        serde_json::from_str(&out).with_context(|| format!("{words}: {out}"))
    }

    /// The JSON that it writes, a value a line.
    pub async fn lines(&self, words: &str) -> Result<Vec<Value>> {
        let out = self.done(words).await?;
        let lines = out.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().with_context(|| format!("{words}: {out}"))
    }

    /// What a command that is refused complains of: one line.
    pub async fn refused(&self, words: &str) -> Result<String> {
        self.run(words).await?.complaint().with_context(|| words.to_owned())
    }
}

impl Ended {
    /// The one line that says why it failed.
    pub fn complaint(&self) -> Result<String> {
        let one_line = self.err.lines().count() == 1 && self.err.starts_with("caseway: ");
        ensure!(self.code == Some(1) && self.out.is_empty() && one_line, "{self:?}");
        Ok(self.err.trim_end().to_owned())
    }
}
