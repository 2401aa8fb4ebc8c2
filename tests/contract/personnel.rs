//! Personnel as the walk and the fuzzer call it.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::onec::{Mishap, USER, Zup};
use tests::support::{Answer, Caller};

use super::samples::CONNECTIONS;

const SYNC: &str = "/integrations/1c/sync-personnel";
const SYNCS: &str = "/integrations/1c/syncs";

/// Whether this operation is one of personnel.
pub fn has(operation: &str) -> bool {
    operation.contains("personnel")
}

/// A connection in use to the 1C at this address; its id.
async fn connection(admin: &Caller, url: &str) -> Result<String> {
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

async fn start(admin: &Caller, connection: &str) -> Answer {
    let wanted = json!({ "start_date": "2026-06-01", "end_date": "2026-06-30",
        "full_sync": true, "connection_id": connection });
    admin.post_json(SYNC, &wanted).await
}

/// A synchronisation of a connection in use, where nobody answers; its id.
pub async fn sync(admin: &Caller) -> Result<String> {
    let started = start(admin, &connection(admin, "http://127.0.0.1:9/").await?).await;
    Ok(started.json["sync_id"].as_str().with_context(|| started.text.clone())?.to_owned())
}

/// Where a synchronisation is decided about that is held, and the 1C that it reads.
async fn held(admin: &Caller, how: &str) -> Result<(String, Zup)> {
    let zup = Zup::start().await?;
    zup.people(30);
    let connection = connection(admin, &zup.url()).await?;
    let mut path = String::new();
    for status in ["completed", "held"] {
        let started = start(admin, &connection).await;
        let id = started.json["sync_id"].as_str().with_context(|| started.text.clone())?.to_owned();
        path = format!("{SYNCS}/{id}?connection_id={connection}");
        admin.get_when(&path, |sync| sync["status"] == status).await;
        zup.mishap("agents", 1, &Mishap::HalfOfPeople);
    }
    Ok((path.replace('?', &format!("/{how}?")), zup))
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    let decide = async |how: &str| -> Result<Answer> {
        let (path, _zup) = held(admin, how).await?;
        Ok(admin.post_json(&path, &json!({ "reason": "object" })).await)
    };
    Ok(match operation {
        "sync_personnel" => start(admin, &connection(admin, "http://127.0.0.1:9/").await?).await,
        "confirm_personnel_sync" => decide("confirm").await?,
        "reject_personnel_sync" => decide("reject").await?,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

/// Whether a tenant is told that it has no connection to work over.
pub fn has_none(answer: &Answer) -> bool {
    let detail: &Value = &answer.json["detail"];
    answer.status == 404 && detail == "1C integration not configured"
}
