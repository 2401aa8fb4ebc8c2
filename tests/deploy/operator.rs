//! Talks to `emulator.py`: one line of JSON a command, one line an answer. The
//! emulator ends when this is dropped, and even if this process is killed, since
//! its input ends then.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{file, python, target};

/// The longest that any command may take.
const WITHIN: Duration = Duration::from_secs(180);
/// What the emulator complains of, and at its end what its functions logged.
const LOG: &str = "log";

/// A running emulator and the operator of an account in it.
pub(super) struct Operator {
    /// Where the account is.
    pub url: String,
    child: Child,
    talk: Mutex<Option<Talk>>,
    /// Its log and what it unpacks; gone with it.
    folder: TempDir,
}

struct Talk {
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Operator {
    /// Starts an emulator with an account that nobody else uses.
    pub async fn start() -> Result<Self> {
        let python = python::emulator().await?.join("python");
        let folder = tempfile::Builder::new().prefix("emulator-").tempdir_in(target()?)?;
        let mut child = Command::new(python)
            .arg(file("emulator.py"))
            .arg(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join(LOG))?)
            .spawn()
            .context("start the emulator")?;
        let commands = ChildStdin::from_std(child.stdin.take().context("its input")?)?;
        let answers = ChildStdout::from_std(child.stdout.take().context("its output")?)?;
        let answers = BufReader::new(answers).lines();
        let talk = Mutex::new(Some(Talk { commands, answers }));
        let mut operator = Self { url: String::new(), child, talk, folder };
        let told = operator.listen(None).await;
        let told = told.with_context(|| format!("it said:\n{}", operator.complaints()))?;
        operator.url = told.as_str().context("an address")?.to_owned();
        Ok(operator)
    }

    /// Has a method of `account.py` done.
    pub async fn has(&self, done: &str, mut arguments: Value) -> Result<Value> {
        arguments["do"] = done.into();
        let answer = self.listen(Some(format!("{arguments}\n"))).await;
        answer.with_context(|| format!("{done}; the emulator said:\n{}", self.complaints()))
    }

    /// The account's SDK, as an operator has it.
    pub async fn sdk(&self) -> Result<SdkConfig> {
        let number = self.has("number", json!({})).await?;
        let number = number.as_str().context("a number")?;
        let credentials = Credentials::new(number, "test", None, None, "emulator");
        Ok(SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .endpoint_url(&self.url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build())
    }

    /// What the emulator complained of.
    fn complaints(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default()
    }

    async fn listen(&self, command: Option<String>) -> Result<Value> {
        let mut talk = self.talk.lock().await;
        let talk = talk.as_mut().context("it has ended")?;
        if let Some(command) = command {
            talk.commands.write_all(command.as_bytes()).await?;
        }
        let line = timeout(WITHIN, talk.answers.next_line()).await??;
        let mut answer: Value = serde_json::from_str(&line.context("the emulator ended")?)?;
        match answer["error"].as_str() {
            Some(error) => bail!(anyhow!(error.to_owned())),
            None => Ok(answer["ok"].take()),
        }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        // The end of its input has it stop the emulator and then itself.
        drop(self.talk.get_mut().take());
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the emulator and its functions said:\n{}", self.complaints());
        }
    }
}
