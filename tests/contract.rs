//! The API document is the contract: it is what is committed, and every operation
//! in it refuses strangers.

use std::path::Path;

use anyhow::{Context, Result};
use functions::document::document;
use reqwest::Method;
use serde_json::Value;
use shared::env::Env;
use tests::support::{Credential, Installation};

/// `UPDATE=1 cargo test -p tests contract` writes the file anew.
#[test]
fn the_committed_document_is_what_the_handlers_say() -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let now = format!("{}\n", document().to_pretty_json()?);
    if Env::process_vars().contains_key("UPDATE") {
        std::fs::write(&file, &now)?;
    }
    let committed = std::fs::read_to_string(&file).context("openapi.json")?;
    assert!(committed == now, "openapi.json is not current: UPDATE=1 cargo test -p tests contract");
    Ok(())
}

/// Every operation that names no way in is known here by name; every other one
/// answers 401 to nobody and to somebody unknown, and names its permission.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_strangers() -> Result<()> {
    const OPEN: [&str; 1] = ["get_health"];
    let installation = Installation::start().await;
    let unknown = functions::access::ApiKey::generate().reveal().to_owned();
    let document: Value = serde_json::from_str(&document().to_json()?)?;
    let mut walked = 0;
    for (path, item) in document["paths"].as_object().context("paths")? {
        for (method, operation) in item.as_object().context("operations")? {
            let id = operation["operationId"].as_str().context("an id")?;
            if OPEN.contains(&id) {
                continue;
            }
            assert!(operation["x-permission"].is_string(), "{id} names no permission");
            assert!(operation["security"].is_array(), "{id} names no way in");
            let path = path.replace("{event_id}", "1");
            for credential in [Credential::None, Credential::Bearer(unknown.clone())] {
                let stranger = installation.admin().with(credential);
                let method: Method = method.to_uppercase().parse()?;
                let answer = stranger.send(stranger.request(method, &path)).await;
                assert_eq!(answer.status, 401, "{id}");
            }
            walked += 1;
        }
    }
    assert!(walked >= 4, "only {walked} operations");
    Ok(())
}
