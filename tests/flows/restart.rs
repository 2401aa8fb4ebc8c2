//! What a restart keeps, and what it changes: who is let in is what the folder and the
//! variables say now.

use anyhow::{Context, Result};
use local::embedded::to_disk;
use local::{App, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::support::{
    Caller, Credential, Process, SENDER, SENDER_KEY, Vars, events, start_app, variables,
};

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");

/// A folder that is started on again and again.
struct Folder(TempDir);

/// A running server on it.
struct Running {
    app: App,
    admin: Caller,
}

impl Folder {
    fn new() -> Result<Self> {
        Ok(Self(TempDir::new()?))
    }

    fn kept_key(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.0.path().join("admin.key"))?.trim().to_owned())
    }

    async fn start(&self, vars: &[(&str, &str)]) -> Result<Running> {
        let app = start_app(self.0.path(), given(vars), to_disk()).await;
        let admin = Caller::new(&app.url(), Credential::Bearer(self.kept_key()?));
        Ok(Running { app, admin })
    }

    /// What a start that is refused complains of.
    async fn refused(&self, vars: &[(&str, &str)]) -> String {
        let (host, data) = ("127.0.0.1".to_owned(), self.0.path().to_owned());
        let options = Options {
            host,
            port: 0,
            data,
            vars: given(vars),
            sync: to_disk(),
            private_targets: false,
        };
        format!("{:#}", App::start(options).await.err().expect("it must not start"))
    }
}

/// The variables of a test installation, with these for its sender alone.
fn given(sender: &[(&str, &str)]) -> Vars {
    let mut vars = variables("http://127.0.0.1:1");
    vars.retain(|name, _| !name.starts_with("SENDER_") && !name.starts_with("PEGA_"));
    vars.extend(sender.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    vars
}

impl Running {
    /// The status of an event that comes with this.
    async fn sent_with(&self, credential: Credential) -> u16 {
        let event = events::role_change(&events::new_case());
        self.admin.with(credential).event(&event).await.status
    }

    async fn basic(&self, password: &str) -> u16 {
        self.sent_with(Credential::Basic(SENDER.0.to_owned(), password.to_owned())).await
    }

    async fn header(&self, value: &str) -> u16 {
        self.sent_with(Credential::Header("x-sender-key", value.to_owned())).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.admin.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_first_key_stays_revoked_while_admin_key_is_still_there() -> Result<()> {
    let folder = Folder::new()?;
    let first = folder.start(&[]).await?;
    let another = json!({ "name": "another", "role": "admin" });
    let another = first.admin.post_json("/api/v1/api-keys", &another).await.json;
    let another = Credential::Bearer(another["key"].as_str().context("a key")?.to_owned());
    assert_eq!(first.admin.with(another.clone()).delete("/api/v1/api-keys/1").await.status, 200);
    first.app.stop().await;

    let kept = folder.kept_key()?;
    for _ in 0..2 {
        let again = folder.start(&[]).await?;
        assert_eq!(again.app.new_admin_key(), None);
        assert_eq!(folder.kept_key()?, kept, "the file is as it was");
        assert_eq!(again.admin.get("/api/v1/api-keys").await.status, 401);
        let keys = again.admin.with(another.clone()).get("/api/v1/api-keys").await.json;
        assert_eq!(keys.as_array().map(Vec::len), Some(1), "{keys}");
        again.app.stop().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_of_the_variables_is_who_they_name_at_the_last_start() -> Result<()> {
    let folder = Folder::new()?;
    let named = [("SENDER_USERNAME", SENDER.0), ("SENDER_PASSWORD", SENDER.1)];
    let keyed = [("SENDER_KEY", SENDER_KEY)];
    let other = "another-password-of-the-tests";
    let renewed = [("SENDER_USERNAME", SENDER.0), ("SENDER_PASSWORD", other)];
    let both = [named[0], named[1], keyed[0]];
    // Old password, new password, header.
    for (vars, statuses) in [
        (&both[..], [200, 401, 200]),
        (&both[..], [200, 401, 200]),
        (&[], [401, 401, 401]),
        (&named, [200, 401, 401]),
        (&renewed, [401, 200, 401]),
        (&keyed, [401, 401, 200]),
    ] {
        let running = folder.start(vars).await?;
        let found = [
            running.basic(SENDER.1).await,
            running.basic(other).await,
            running.header(SENDER_KEY).await,
        ];
        assert_eq!(found, statuses, "{vars:?}");
        let sources = running.get("/api/v1/sources").await;
        let expected = usize::from(!vars.is_empty());
        assert_eq!(sources.as_array().map(Vec::len), Some(expected), "{sources}");
        running.app.stop().await;
    }
    let running = folder.start(&keyed).await?;
    let actions = running.get("/api/v1/audit-logs?subject=source:pega").await;
    let actions: Vec<_> =
        actions.as_array().into_iter().flatten().flat_map(|one| one["action"].as_str()).collect();
    let (made, removed) = ("source.create", "source.remove");
    assert_eq!(actions, [made, removed, made, removed, made, removed, made], "newest first");
    running.app.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_the_api_made_under_the_same_name_is_left_alone() -> Result<()> {
    let folder = Folder::new()?;
    let first = folder.start(&[]).await?;
    let own = "a-password-that-an-admin-gave";
    let source = json!({ "name": "pega", "basic": { "username": SENDER.0, "password": own } });
    assert_eq!(first.admin.post_json("/api/v1/sources", &source).await.status, 201);
    first.app.stop().await;
    let named = [("SENDER_USERNAME", SENDER.0), ("SENDER_PASSWORD", SENDER.1)];
    for vars in [&named[..], &[]] {
        let again = folder.start(vars).await?;
        assert_eq!((again.basic(own).await, again.basic(SENDER.1).await), (200, 401));
        again.app.stop().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_the_variables_that_is_too_short_refuses_the_start() -> Result<()> {
    let folder = Folder::new()?;
    let good = [("SENDER_USERNAME", SENDER.0), ("SENDER_PASSWORD", SENDER.1)];
    folder.start(&good).await?.app.stop().await;
    for (name, vars) in [
        ("SENDER_PASSWORD", vec![good[0], ("SENDER_PASSWORD", "only-15-letters")]),
        ("SENDER_KEY", vec![("SENDER_KEY", "short")]),
    ] {
        let told = folder.refused(&vars).await;
        assert!(told.contains(name) && told.contains("16 to 256"), "{told}");
        assert!(!told.contains(vars[vars.len() - 1].1), "{told}");
    }
    let again = folder.start(&good).await?;
    assert_eq!(again.basic(SENDER.1).await, 200);
    let history = again.get("/api/v1/audit-logs?subject=source:pega").await;
    assert_eq!(history.as_array().map(Vec::len), Some(1), "a refused start changes nothing");
    again.app.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_counts_survive_a_graceful_stop() -> Result<()> {
    const CALLS: i64 = 7;
    let folder = TempDir::new()?;
    let start = async || -> Result<(Process, Caller)> {
        let process = Process::start(CASEWAY, folder.path(), &given(&[])).await?;
        let key = std::fs::read_to_string(folder.path().join("admin.key"))?.trim().to_owned();
        let admin = Caller::new(&process.url, Credential::Bearer(key));
        Ok((process, admin))
    };
    for stops in 0..3 {
        let (process, admin) = start().await?;
        let used = admin.get("/api/v1/api-keys/1").await.json;
        // This very call is counted when the process ends.
        assert_eq!(used["usage_count"], stops * (CALLS + 1), "{used}");
        assert_eq!(used["last_used_at"].is_string(), stops > 0);
        for _ in 0..CALLS {
            assert_eq!(admin.get("/api/v1/auth/me").await.status, 200);
        }
        assert!(process.end().await?.success());
    }
    Ok(())
}

/// Another operator's tenant starts without a key; the commands make one.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_starts_for_another_operator() -> Result<()> {
    let folder = Folder::new()?;
    folder.start(&[]).await?.app.stop().await;
    let running = folder.start(&[("OPERATOR_TENANT", "ops")]).await?;
    assert_eq!(running.admin.get("/events").await.status, 200, "the first tenant's key stays");
    assert_eq!(running.admin.get("/api/v1/tenants").await.status, 403);
    running.app.stop().await;
    let again = folder.start(&[]).await?;
    let tenants = again.admin.get("/api/v1/tenants").await.json;
    assert_eq!(tenants.as_array().map(Vec::len), Some(1), "nothing half-made");
    again.app.stop().await;
    Ok(())
}
