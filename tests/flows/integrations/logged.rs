//! How much is logged of a connection's calls is the connection's setting.

use anyhow::{Context, Result};
use serde_json::json;
use simulators::rest::Rest;
use tempfile::TempDir;
use tests::support::Process;

use super::{CONNECTIONS, but, to};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_level_of_a_connection_is_obeyed() -> Result<()> {
    const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");
    let (system, folder) = (Rest::start().await?, TempDir::new()?);
    let (process, admin) = Process::start_watched(CASEWAY, folder.path()).await?;
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
    let log = std::fs::read_to_string(folder.path().join("log"))?;
    let told = |id: &str| log.lines().any(|line| line.contains(id) && line.contains("called"));
    assert_eq!(ids.iter().map(|id| told(id)).collect::<Vec<_>>(), [true, false]);
    Ok(())
}
