//! The local process and its vault: what an operator put there is used, and nothing
//! that is in it stands anywhere on the disk.

use std::path::Path;

use anyhow::Result;
use local::embedded::to_disk;
use local::vault::FileVault;
use local::{App, Options};
use serde_json::json;
use shared::ids;
use shared::tenant::Tenant;
use shared::vault::{SecretName, SecretString, Vault};
use simulators::pega::{OPERATOR, Pega};
use tempfile::TempDir;
use tests::support::{Caller, Credential, Vars, events, variables};

fn options(data: &Path, vars: Vars) -> Options {
    Options {
        host: "127.0.0.1".to_owned(),
        port: 0,
        data: data.to_owned(),
        vars,
        sync: to_disk(),
        private_targets: false,
    }
}

/// The variables of an installation that finds its Pega in the vault.
fn vars(name: &str) -> Vars {
    let mut vars = variables("unused");
    vars.retain(|name, _| !name.starts_with("PEGA_"));
    vars.insert("PEGA_SECRET".to_owned(), name.to_owned());
    vars
}

fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        files.push((path.display().to_string(), std::fs::read(&path)?));
    }
    Ok(files)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_process_signs_in_with_what_its_vault_holds() -> Result<()> {
    let (folder, pega) = (TempDir::new()?, Pega::start().await?);
    let app = App::start(options(folder.path(), vars("our-pega"))).await?;
    let canary = format!("canary-{}", ids::unique());
    let secret = json!({
        "PEGA_URL": pega.url(), "PEGA_USERNAME": OPERATOR.0, "PEGA_PASSWORD": OPERATOR.1,
        "unused": canary,
    });
    let own = SecretName::given("our-pega");
    app.vault().write(&own, &SecretString::from(secret.to_string())).await?;
    let tenant_s = SecretName::of(&Tenant::parse("default")?, "sources/a")?;
    app.vault().write(&tenant_s, &SecretString::from(canary.as_str())).await?;

    let key = app.new_admin_key().expect("a first start").to_owned();
    let (admin, case) = (Caller::new(&app.url(), Credential::Bearer(key)), events::new_case());
    let id = admin.event(&events::high_risk(&case)).await.event_id();
    assert_eq!(admin.settled(id).await["status"], "processed");
    assert_eq!(pega.notes_on(&case).len(), 1);

    app.vault().rekey().await?;
    let looked_through = || -> Result<usize> {
        let files = files(folder.path())?;
        for (path, content) in &files {
            for plain in [canary.as_str(), OPERATOR.1] {
                let found = content.windows(plain.len()).any(|bytes| bytes == plain.as_bytes());
                assert!(!found, "{path} holds a secret");
            }
        }
        Ok(files.len())
    };
    assert!(looked_through()? >= 5);
    app.stop().await;
    assert!(looked_through()? >= 5);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_does_not_start_without_its_vault_s_keys() -> Result<()> {
    let folder = TempDir::new()?;
    let vault = FileVault::open(folder.path(), None)?;
    vault.write(&SecretName::given("own"), &SecretString::from("x")).await?;
    drop(vault);
    let keys = std::fs::read_to_string(folder.path().join("vault.key"))?;
    std::fs::remove_file(folder.path().join("vault.key"))?;

    let refused = App::start(options(folder.path(), vars("own"))).await;
    let told = format!("{:#}", refused.err().expect("it must not start"));
    assert!(told.contains("vault.key is missing"), "{told}");
    assert!(!folder.path().join("vault.key").exists(), "nothing was made in its place");
    assert!(!folder.path().join("admin.key").exists(), "nothing else was begun");

    let mut vars = vars("own");
    vars.insert("CASEWAY_VAULT_KEYS".to_owned(), keys);
    let app = App::start(options(folder.path(), vars)).await?;
    assert!(app.vault().read(&SecretName::given("own")).await?.is_some());
    app.stop().await;
    Ok(())
}
