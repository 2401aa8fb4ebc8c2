//! What the command line refuses, in one line and without doing anything.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, Result};
use functions::access::ApiKey;
use local::DataFolder;
use tempfile::TempDir;
use tests::support::{CommandLine, Installation};

use super::{CASEWAY, left_behind, on_folder};

/// Somebody who waits for a key at an address.
struct Thief(TcpListener);

impl Thief {
    fn new() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    fn url(&self) -> Result<String> {
        Ok(format!("http://{}", self.0.local_addr()?))
    }

    fn was_not_called(&self) {
        let called = self.0.accept();
        assert!(called.is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_not_made() -> Result<()> {
    let folder = TempDir::new()?;
    let missing = folder.path().join("missing");
    let line = CommandLine::on_folder(CASEWAY, &missing);
    for words in ["keys list", "sources list", "tenants create x", "audit verify", "vault rekey"] {
        let complaint = line.refused(words).await?;
        assert!(complaint.contains("there is no installation in"), "{complaint}");
        assert!(!missing.exists(), "{words} made it");
    }
    let empty = CommandLine::on_folder(CASEWAY, folder.path());
    assert!(empty.refused("keys list").await?.contains("there is no installation in"));
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 0, "an empty folder stays empty");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_must_be_known_and_is_only_named_where_no_server_runs() -> Result<()> {
    let installation = Installation::start().await;
    let line = on_folder(&installation.folder).arg("--tenant").arg("default");
    let complaint = line.refused("keys list").await?;
    assert_eq!(complaint, "caseway: --tenant is for a data folder that no server works on");
    installation.app.stop().await;

    assert_eq!(line.lines("keys list").await?.len(), 1);
    let folder = on_folder(&installation.folder);
    for (tenant, words) in [("nobody", "keys create x"), ("nobody", "keys list")] {
        let complaint = folder.clone().arg("--tenant").arg(tenant).refused(words).await?;
        assert_eq!(complaint, "caseway: there is no tenant nobody");
    }
    let complaint = folder.clone().arg("--tenant").arg("No Body").refused("keys list").await?;
    assert!(complaint.contains("tenant must be 1 to 32 characters of a-z"), "{complaint}");

    folder.json("tenants create other").await?;
    let other = folder.clone().arg("--tenant").arg("other");
    assert_eq!(other.lines("keys list").await?.len(), 1);
    let complaint = other.refused("vault rekey").await?;
    assert!(complaint.contains("Missing required permission: installation.admin"), "{complaint}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_in_one_line_and_leaves_no_file() -> Result<()> {
    let installation = Installation::start().await;
    let (url, unknown) = (installation.app.url(), ApiKey::generate());
    let folder = on_folder(&installation.folder);
    let file = installation.folder.path().join("trail");
    for line in [
        CommandLine::on_server(CASEWAY, &url, unknown.reveal()),
        CommandLine::on_server(CASEWAY, &url, "anything"),
        folder.clone().var("CASEWAY_KEY", unknown.reveal()),
        folder.clone().arg("--key").arg(unknown.reveal()),
    ] {
        let export = format!("audit export {}", file.display());
        for words in ["keys list", "sources add x --header", "tenants list", "vault rekey", &export]
        {
            let complaint = line.refused(words).await?;
            assert_eq!(complaint, "caseway: Invalid or expired API key (401 Unauthorized)");
        }
        assert!(!file.exists(), "an export that failed leaves nothing");
    }
    let last = folder.refused("keys revoke 1").await?;
    assert!(last.contains("must stay (409 Conflict)"), "{last}");
    let nowhere = CommandLine::on_server(CASEWAY, "http://127.0.0.1:1", "k");
    let nobody = nowhere.refused("keys list").await?;
    assert!(nobody.starts_with("caseway: call http://127.0.0.1:1"), "{nobody}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_s_own_key_is_never_sent_to_an_address() -> Result<()> {
    let (installation, thief) = (Installation::start().await, Thief::new()?);
    for line in [
        on_folder(&installation.folder).arg("--url").arg(&thief.url()?),
        on_folder(&installation.folder).var("CASEWAY_URL", &thief.url()?),
    ] {
        let complaint = line.refused("keys list").await?;
        assert_eq!(complaint, "caseway: --key or CASEWAY_KEY is needed");
    }
    thief.was_not_called();
    Ok(())
}

/// Somebody else may listen by now where the last server did.
#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_server_that_ended_is_not_called() -> Result<()> {
    let (folder, thief) = (left_behind().await, Thief::new()?);
    let address = folder.path().join("address");
    std::fs::write(&address, thief.url()?)?;
    let held = DataFolder::take(folder.path())?;
    let complaint = on_folder(&folder).refused("keys list").await?;
    assert!(complaint.contains("another caseway works on"), "{complaint}");
    drop(held);
    std::fs::write(&address, thief.url()?)?;
    let listed = on_folder(&folder).lines("keys list").await?;
    let first = listed.first().context("a key")?;
    assert_eq!(first["id"], 1);
    thief.was_not_called();
    Ok(())
}

/// A name is a name, and no way to something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_does_not_lead_out_of_its_list() -> Result<()> {
    let installation = Installation::start().await;
    let line = on_folder(&installation.folder);
    let made = line.done("keys create second").await?;
    assert!(made.contains("\"id\": 2"), "{made}");
    for name in ["../api-keys/2", "..", "."] {
        line.refused(&format!("sources remove {name}")).await?;
        line.refused(&format!("tenants suspend {name}")).await?;
    }
    assert!(line.done("keys list").await?.contains("\"second\""));
    installation.app.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn private_targets_are_refused_to_a_server_that_others_reach() -> Result<()> {
    let folder = TempDir::new()?;
    let line = CommandLine::on_folder(CASEWAY, &folder.path().join("data"));
    let words = "serve --host 0.0.0.0 --port 0 --allow-private-targets";
    // One that is not refused serves on.
    let refused = tokio::time::timeout(Duration::from_secs(30), line.refused(words)).await;
    let complaint = refused.context("it serves")??;
    assert!(complaint.contains("private targets"), "{complaint}");
    Ok(())
}
