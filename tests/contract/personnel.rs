//! Personnel as the walk and the fuzzer call it.

use anyhow::{Context, Result, bail};
use serde_json::json;
use tests::support::{Answer, Caller};

use crate::flows::personnel::live::{connection, held, start};

/// Where nobody answers.
const NOBODY: &str = "http://127.0.0.1:9/";

/// Whether this operation is one of personnel.
pub fn has(operation: &str) -> bool {
    operation.contains("personnel")
}

/// A synchronisation of a connection in use, where nobody answers; its id.
pub async fn sync(admin: &Caller) -> Result<String> {
    let started = start(admin, &connection(admin, NOBODY).await?).await;
    Ok(started.json["sync_id"].as_str().with_context(|| started.text.clone())?.to_owned())
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    let decide = async |how: &str| -> Result<Answer> {
        let (connection, id, _zup) = held(admin).await?;
        let path = format!("/integrations/1c/syncs/{id}/{how}?connection_id={connection}");
        Ok(admin.post_json(&path, &json!({ "reason": "object" })).await)
    };
    Ok(match operation {
        "sync_personnel" => start(admin, &connection(admin, NOBODY).await?).await,
        "confirm_personnel_sync" => decide("confirm").await?,
        "reject_personnel_sync" => decide("reject").await?,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

/// Whether a tenant is told that it has no connection to work over.
pub fn has_none(answer: &Answer) -> bool {
    let none = ["1C integration not configured", "Contact Center integration not configured"];
    let said = answer.json["detail"].as_str().unwrap_or_default();
    answer.status == 404 && none.iter().any(|none| said.starts_with(none))
}
