//! A whole installation inside the test: the local process's own parts on a real
//! socket, its data on disk, and a simulated Pega beside it.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use local::embedded::{Sync, to_disk};
use local::{App, Options};
use serde_json::json;
use simulators::pega::{OPERATOR, Pega};
use tempfile::TempDir;

use super::{Caller, Credential};

/// User and password of the sender that every test installation knows.
pub const SENDER: (&str, &str) = ("pega-sender", "sender-password-of-the-tests");
/// Header key of that sender.
pub const SENDER_KEY: &str = "sender-key-of-the-tests";

/// What a flow runs against: any installation and the Pega beside it.
pub struct Target {
    pub url: String,
    pub admin_key: String,
    pub pega: Pega,
}

impl Target {
    /// Its admin.
    pub fn admin(&self) -> Caller {
        Caller::new(&self.url, Credential::Bearer(self.admin_key.clone()))
    }
}

/// A local installation.
pub struct Installation {
    pub app: App,
    pub target: Target,
    /// Gone with the installation.
    pub folder: TempDir,
}

impl Installation {
    /// Starts one that is signed in to its Pega as an operator.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with these variables beside the usual ones.
    pub async fn start_with(extra: &[(&str, &str)]) -> Self {
        let pega = Pega::start().await.expect("a Pega");
        let mut vars = variables(&pega.url());
        for (name, value) in extra {
            let value = value.replace("{token_url}", &pega.token_url());
            vars.insert((*name).to_owned(), value);
        }
        let folder = TempDir::new().expect("a folder");
        let app = start_app(folder.path(), vars, to_disk()).await;
        let admin_key = app.new_admin_key().expect("a first start").to_owned();
        let target = Target { url: app.url(), admin_key, pega };
        Self { app, target, folder }
    }

    /// That these flows hold on one.
    pub async fn holds(flows: impl AsyncFnOnce(&Target) -> Result<()>) -> Result<()> {
        let installation = Self::start().await;
        flows(&installation.target).await?;
        installation.app.stop().await;
        Ok(())
    }

    /// Its admin.
    pub fn admin(&self) -> Caller {
        self.target.admin()
    }
}

/// A local installation on this folder and any free port.
pub async fn start_app(data: &Path, vars: HashMap<String, String>, sync: Sync) -> App {
    let (host, data) = ("127.0.0.1".to_owned(), data.to_owned());
    App::start(Options { host, port: 0, data, vars, sync, private_targets: true })
        .await
        .expect("an installation")
}

/// The variables of a test installation: its Pega and sender, and quick retries.
pub fn variables(pega_url: &str) -> HashMap<String, String> {
    let vars = [
        ("PEGA_URL", pega_url),
        ("PEGA_USERNAME", OPERATOR.0),
        ("PEGA_PASSWORD", OPERATOR.1),
        ("SENDER_USERNAME", SENDER.0),
        ("SENDER_PASSWORD", SENDER.1),
        ("SENDER_KEY", SENDER_KEY),
        ("AUTH_FAILURES_PER_MINUTE", "1000000"),
        ("JOB_BACKOFF_SECONDS", "0.1"),
        ("JOB_BACKOFF_CAP_SECONDS", "0.5"),
        ("JOB_SETTLE_SECONDS", "0.3"),
    ];
    vars.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The admin of another tenant of the same installation.
pub async fn second_tenant(target: &Target) -> Caller {
    let admin = target.admin();
    let id = format!("t-{}", &shared::ids::unique()[..12]);
    let made = admin.post_json("/api/v1/tenants", &json!({ "id": id })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let key = made.json["admin_key"].as_str().expect("a key").to_owned();
    admin.with(Credential::Bearer(key))
}
