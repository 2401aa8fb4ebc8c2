//! Personnel of a running installation, which works through what is due by itself.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::onec::{Mishap, USER, Zup};
use tests::support::{Answer, Caller, Installation, Target};

use super::{PERSONNEL, SYNC, SYNCS};
use crate::flows::integrations::CONNECTIONS;

/// A connection in use to the 1C at this address; its id.
pub async fn connection(admin: &Caller, url: &str) -> Result<String> {
    let new = json!({ "name": "object", "integration_type": "1c", "endpoint_url": url,
        "authentication_type": "basic", "config": { "retry_attempts": 0 },
        "credentials": { "username": USER.0, "password": USER.1 } });
    let made = admin.post_json(CONNECTIONS, &new).await;
    let id = made.json["id"].as_str().with_context(|| made.text.clone())?.to_owned();
    let active = json!({ "status": "active" });
    let path = format!("{CONNECTIONS}/{id}");
    let answer = admin.send(admin.request(Method::PUT, &path).json(&active)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Ok(id)
}

/// Starts a full synchronisation over a connection.
pub async fn start(admin: &Caller, connection: &str) -> Answer {
    let wanted = json!({ "start_date": "2026-06-01", "end_date": "2026-06-30",
        "full_sync": true, "connection_id": connection });
    admin.post_json(SYNC, &wanted).await
}

/// A synchronisation of thirty people of whom half are missing; the id of its connection and
/// its own, and the 1C that it reads.
pub async fn held(admin: &Caller) -> Result<(String, String, Zup)> {
    let zup = Zup::start().await?;
    zup.people(30);
    let connection = connection(admin, &zup.url()).await?;
    let mut id = String::new();
    for status in ["completed", "held"] {
        let started = start(admin, &connection).await;
        id = started.json["sync_id"].as_str().with_context(|| started.text.clone())?.to_owned();
        let path = format!("{SYNCS}/{id}?connection_id={connection}");
        admin.get_when(&path, |sync| sync["status"] == status).await;
        zup.mishap("agents", 1, &Mishap::HalfOfPeople);
    }
    Ok((connection, id, zup))
}

/// Personnel is read, what is doubtful is held, and what a person confirms is published.
pub async fn all(target: &Target) -> Result<()> {
    let admin = target.admin();
    let (connection, id, _zup) = held(&admin).await?;
    let query = format!("connection_id={connection}");
    let people = admin.get(&format!("{PERSONNEL}?status=active&{query}")).await.json;
    assert_eq!(people["personnel"].as_array().map(Vec::len), Some(30));
    let held: Value = admin.get(&format!("{SYNCS}/{id}?{query}")).await.json;
    let ticket = held["ticket_id"].as_str().context("a ticket")?;
    assert_eq!(admin.get(&format!("/support/tickets/{ticket}")).await.status, 200);
    let why = json!({ "reason": "They left" });
    let confirmed = admin.post_json(&format!("{SYNCS}/{id}/confirm?{query}"), &why).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    admin.get_when(&format!("{SYNCS}/{id}?{query}"), |sync| sync["status"] == "completed").await;
    let people = admin.get(&format!("{PERSONNEL}?status=active&{query}")).await.json;
    assert_eq!(people["personnel"].as_array().map(Vec::len), Some(15));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flow_holds_on_the_local_process() -> Result<()> {
    Installation::holds(all).await
}
