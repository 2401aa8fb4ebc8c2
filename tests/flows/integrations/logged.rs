//! How much is logged of a connection's calls is the connection's setting.

use std::fs::File;

use anyhow::{Context, Result};
use serde_json::json;
use simulators::rest::Rest;
use tempfile::TempDir;
use tests::support::{Caller, Credential, Process, variables};

use super::{CONNECTIONS, but, to};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_level_of_a_connection_is_obeyed() -> Result<()> {
    const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");
    let (system, folder) = (Rest::start().await?, TempDir::new()?);
    let mut vars = variables("");
    for (name, value) in
        [("TARGET_NETWORKS", "127.0.0.1/32"), ("TARGET_PORTS", "1-65535"), ("LOG_LEVEL", "debug")]
    {
        vars.insert(name.to_owned(), value.to_owned());
    }
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let process = Process::start_logging(CASEWAY, &data, &vars, File::create(&log)?).await?;
    let key = std::fs::read_to_string(data.join("admin.key"))?.trim().to_owned();
    let admin = Caller::new(&process.url, Credential::Bearer(key));
    let mut ids = Vec::new();
    for level in ["DEBUG", "ERROR"] {
        let new = but(to(&system), json!({"config": {"log_level": level, "retry_attempts": 0}}));
        let made = admin.post_json(CONNECTIONS, &new).await.json;
        let id = made["id"].as_str().context("an id")?.to_owned();
        let tested = admin.post(&format!("{CONNECTIONS}/{id}/test")).await;
        assert_eq!(tested.json["success"], true, "{}", tested.text);
        ids.push(id);
    }
    process.end().await?;
    let log = std::fs::read_to_string(log)?;
    let told = |id: &str| log.lines().any(|line| line.contains(id) && line.contains("called"));
    assert_eq!(ids.iter().map(|id| told(id)).collect::<Vec<_>>(), [true, false]);
    Ok(())
}
