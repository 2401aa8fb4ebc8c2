//! The command line does the same on a data folder without a server, on one with a
//! server, and at an address.

mod audit;
mod import;
mod keys;
mod refusals;
mod rekey;

use anyhow::Result;
use serde_json::json;
use tempfile::TempDir;
use tests::support::{CommandLine, Installation};

use crate::deploy::Deployed;

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");

/// A data folder that no server works on any more.
async fn left_behind() -> TempDir {
    let Installation { app, folder, .. } = Installation::start().await;
    app.stop().await;
    folder
}

fn on_folder(folder: &TempDir) -> CommandLine {
    CommandLine::on_folder(CASEWAY, folder.path())
}

/// All that a command line administers.
async fn administers(line: &CommandLine) -> Result<()> {
    keys::keys(line).await?;
    keys::sources(line).await?;
    keys::tenants(line).await?;
    audit::exports(line).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_without_a_server_is_administered() -> Result<()> {
    let folder = left_behind().await;
    let line = on_folder(&folder);
    let sources = line.lines("sources list").await?;
    assert_eq!(sources[0]["name"], "pega", "a command does not need the server's variables");
    administers(&line).await?;
    std::fs::remove_file(folder.path().join("admin.key"))?;
    assert!(!line.lines("keys list").await?.is_empty(), "whoever has the folder needs no key");
    assert!(!folder.path().join("admin.key").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_with_a_server_is_administered_through_it() -> Result<()> {
    let installation = Installation::start().await;
    let line = on_folder(&installation.folder);
    administers(&line).await?;
    let made = line.json("keys create through-the-server").await?;
    let known = installation.admin().get(&format!("/api/v1/api-keys/{}", made["id"])).await;
    assert_eq!(known.json["name"], "through-the-server");
    let entries = installation.admin().get("/api/v1/audit-logs?limit=1").await;
    assert_eq!(entries.json[0]["actor"], "key:1", "it came with the folder's key");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_administered_by_its_address() -> Result<()> {
    let installation = Installation::start().await;
    let (url, key) = (installation.app.url(), &installation.target.admin_key);
    administers(&CommandLine::on_server(CASEWAY, &url, key)).await?;
    let slash = CommandLine::on_server(CASEWAY, &format!("{url}/"), key);
    assert!(!slash.lines("keys list").await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployed_stack_is_administered_by_its_address() -> Result<()> {
    let deployed = Deployed::start(json!({})).await?;
    administers(&CommandLine::on_server(CASEWAY, deployed.url(), deployed.admin_key())).await
}
