//! The key of a model is told to the model, and to nobody else; and why a model was of no
//! use is told to the operator.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::chat::{Chat, KEY, Say};
use tempfile::TempDir;
use tests::support::{Caller, Process};

use super::desk::{policies, to};
use crate::flows::integrations::CONNECTIONS;

/// A key that the model does not know; a careless one says which key it was sent.
const WRONG: &str = "sk-a-key-that-the-model-does-not-know";

/// What is said of a new ticket.
async fn assessed(admin: &Caller) -> Result<Value> {
    let request = json!({ "employee_id": "E1", "request_type": "laptop", "title": "A laptop",
        "description": "A passage that is to be found" });
    let asked = admin.post_json("/support/request", &request).await.json;
    let id = asked["ticket_id"].as_str().context("an id")?;
    let path = format!("/support/tickets/{id}");
    let ticket = admin.get_when(&path, |ticket| !ticket["assessment"].is_null()).await;
    let told = admin.get(&format!("/support/events/{id}/history")).await.text;
    has_no_key("an answer", format!("{ticket} {told}").as_bytes())?;
    Ok(ticket["assessment"].clone())
}

fn has_no_key(place: &str, content: &[u8]) -> Result<()> {
    for key in [KEY, WRONG] {
        ensure!(!holds(content, key), "{place} holds {key}");
    }
    Ok(())
}

fn holds(content: &[u8], text: &str) -> bool {
    content.windows(text.len()).any(|window| window == text.as_bytes())
}

/// No file has a key in it; whether one has the request in it.
fn look_through(folder: &Path) -> Result<bool> {
    let mut found = false;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let content = std::fs::read(&path)?;
        has_no_key(&path.display().to_string(), &content)?;
        found |= holds(&content, "A passage that is to be found");
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_sent_and_is_in_no_answer_row_or_log() -> Result<()> {
    const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");
    let (chat, folder) = (Chat::start().await?, TempDir::new()?);
    let (process, admin) = Process::start_watched(CASEWAY, folder.path()).await?;
    let put = async |path: &str, body: Value| {
        let answer = admin.send(admin.request(Method::PUT, path).json(&body)).await;
        ensure!(answer.status == 200, "{}", answer.text);
        has_no_key(path, answer.text.as_bytes())
    };
    let made = admin.post_json(CONNECTIONS, &to(&chat, WRONG, &json!({}))).await.json;
    let connection = format!("{CONNECTIONS}/{}", made["id"].as_str().context("an id")?);
    put("/support/policies", json!({ "text": policies(&connection, 20) })).await?;

    let refused = assessed(&admin).await?;
    assert_eq!(refused["reason"], "it answered HTTP 401", "{refused}");
    put(&connection, json!({ "credentials": { "token": KEY } })).await?;
    chat.says(Say::Decision(json!({ "justification_brief": format!("The key is {KEY}.") })));
    let taken = assessed(&admin).await?;
    assert_eq!(taken["by"], "model", "it was let in by the key: {taken}");
    assert_eq!(taken["justification_brief"], "The key is ….");

    let data = folder.path().join("data");
    ensure!(look_through(&data)?, "the rows were looked through");
    process.end().await?;
    look_through(&data)?;
    let log = std::fs::read_to_string(folder.path().join("log"))?;
    has_no_key("the log", log.as_bytes())?;
    let told: Vec<&str> = log.lines().filter(|line| line.contains("was no use")).collect();
    let [once] = told[..] else { anyhow::bail!("told {} times", told.len()) };
    ensure!(once.contains("WARN") && once.contains("it answered HTTP 401"), "{once}");
    Ok(())
}
