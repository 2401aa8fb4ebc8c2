//! The vault's keys, renewed by the command line.

use anyhow::{Context, Result};
use serde_json::json;
use shared::clock::Clock;
use shared::signature::SigningSecret;
use shared::vault::{ExposeSecret, SecretName, Vault};
use tests::support::{Caller, Credential, Installation, events};
use tokio::sync::watch;

use super::{left_behind, on_folder};

/// A sender that signs, and so needs what the vault keeps at every request.
struct Signer {
    caller: Caller,
    source: String,
    secret: String,
}

impl Signer {
    async fn register(installation: &Installation) -> Result<Self> {
        let source = json!({ "name": "signer", "signature": {} });
        let made = installation.admin().post_json("/api/v1/sources", &source).await.json;
        let shown = |name| made["credentials"]["signature"][name].as_str().map(str::to_owned);
        Ok(Self {
            caller: installation.admin().with(Credential::None),
            source: shown("source_id").context("a source")?,
            secret: shown("secret").context("a secret")?,
        })
    }

    async fn send(&self) -> Result<u16> {
        let body = events::role_change(&events::new_case()).to_string();
        let (id, now) = (shared::ids::unique(), Clock::system().now_ms() / 1000);
        let secret = SigningSecret::parse(&self.secret).context("a secret")?;
        let request = self.caller.request(reqwest::Method::POST, "/webhook/pega");
        let request = request
            .header("x-caseway-source", &self.source)
            .header("webhook-id", &id)
            .header("webhook-timestamp", now)
            .header("webhook-signature", secret.sign(&id, now, body.as_bytes())?);
        Ok(self.caller.send(request.body(body)).await.status)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_is_rekeyed_while_the_server_goes_on() -> Result<()> {
    let installation = Installation::start().await;
    let signer = Signer::register(&installation).await?;
    let (line, key) =
        (on_folder(&installation.folder), installation.folder.path().join("vault.key"));
    // What the server keeps of a credential for a while does not need the vault.
    let (vault, own) = (installation.app.vault().clone(), SecretName::given("own"));
    vault.write(&own, &"own".into()).await?;
    let (stop, stopped) = watch::channel(false);
    let sending = tokio::spawn(async move {
        let mut sent = 0;
        while !*stopped.borrow() {
            assert_eq!(signer.send().await?, 200);
            let read = vault.read(&own).await?.context("it is there all the time")?;
            assert_eq!(read.expose_secret(), "own");
            sent += 1;
        }
        anyhow::Ok(sent)
    });
    let mut keys = vec![std::fs::read_to_string(&key)?];
    for _ in 0..3 {
        assert_eq!(line.json("vault rekey").await?, json!({ "credentials": 2 }));
        keys.push(std::fs::read_to_string(&key)?);
    }
    stop.send_replace(true);
    assert!(sending.await?? > 3, "it was served meanwhile");
    keys.dedup();
    assert_eq!(keys.len(), 4, "each time there is another key");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_of_a_folder_without_a_server_is_rekeyed() -> Result<()> {
    let folder = left_behind().await;
    let line = on_folder(&folder);
    line.json("sources add signer --signature").await?;
    assert_eq!(line.json("vault rekey").await?, json!({ "credentials": 1 }));
    line.json("sources rotate signer signature --grace 60").await?;
    Ok(())
}
