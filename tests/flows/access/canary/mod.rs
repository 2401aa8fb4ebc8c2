//! Canaries: recognisable secrets go in by every way that takes one, and the API makes
//! more of them. None is in a log, in a file, in a row or in the audit trail, and of
//! the answers only the one that is to show it has it.

mod connections;
mod credentials;
mod enjaz;
mod notifications;
mod odd;
mod sockets;
mod watch;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use reqwest::Method;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::json;
use shared::clock::Clock;
use simulators::identity::{AUDIENCE, IdentityProvider};
use simulators::pega::Pega;
use simulators::portal::Portal;
use tempfile::TempDir;
use tests::support::{Caller, Credential, Process, variables};

use watch::Watch;

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");

/// A process that logs everything, and what it is not to give away.
struct World {
    process: Process,
    folder: TempDir,
    log: PathBuf,
    admin: Caller,
    watch: Watch,
    provider: IdentityProvider,
    /// The provider of machines' tokens.
    machines: IdentityProvider,
    portal: Portal,
    _pega: Pega,
}

/// A secret that nothing else looks like.
fn canary() -> String {
    format!("canary{}", shared::ids::unique())
}

impl World {
    async fn start() -> Result<Self> {
        let clock = Clock::system();
        let time = clock.clone();
        let provider = IdentityProvider::start(move || time.now_ms()).await?;
        let machines = IdentityProvider::start(move || clock.now_ms()).await?;
        let (pega, folder) = (Pega::start().await?, TempDir::new()?);
        let portal = Portal::start().await?;
        let port = portal.url().rsplit(':').next().unwrap_or_default().to_owned();
        let mut watch = Watch::default();
        let mut vars = variables(&pega.url());
        for name in ["SENDER_PASSWORD", "SENDER_KEY"] {
            let secret = canary();
            watch.never(name, &secret);
            vars.insert(name.to_owned(), secret);
        }
        for (name, value) in [
            ("OIDC_ISSUER", &*provider.issuer()),
            ("OIDC_AUDIENCE", AUDIENCE),
            ("TRUSTED_ISSUERS", &*machines.issuer()),
            ("ENJAZ_BASE_URL", &*portal.url()),
            ("TARGET_NETWORKS", "127.0.0.0/8"),
            ("TARGET_PORTS", &*port),
            ("LOG_LEVEL", "debug"),
            ("RUST_BACKTRACE", "1"),
        ] {
            vars.insert(name.to_owned(), value.to_owned());
        }
        let (data, log) = (folder.path().join("data"), folder.path().join("log"));
        let process = Process::start_logging(CASEWAY, &data, &vars, File::create(&log)?).await?;
        let key = std::fs::read_to_string(data.join("admin.key"))?.trim().to_owned();
        watch.never("the admin key", &key);
        let admin = Caller::new(&process.url, Credential::Bearer(key));
        Ok(Self { process, folder, log, admin, watch, provider, machines, portal, _pega: pega })
    }

    /// Reads all that can be read of what is there.
    async fn read_everything(&mut self) -> Result<()> {
        for path in [
            "/events?limit=100",
            "/api/v1/api-keys",
            "/api/v1/api-keys/1",
            "/api/v1/sources",
            "/api/v1/sources/given",
            "/api/v1/tenants",
            "/api/v1/tenants/canaries",
            "/api/v1/auth/verify",
            "/api/v1/auth/me",
            "/api/v1/auth/usage-stats",
            "/api/v1/audit-logs?limit=1000",
            "/api/v1/audit-logs/actions",
            "/api/v1/audit-logs/users",
            "/api/v1/audit-logs/stats",
            "/api/v1/audit-logs/export?format=ndjson",
            "/api/v1/audit-logs/export?format=csv",
            "/live/messages",
            "/integrations/connections",
            "/integrations/connections/health",
            "/health",
            "/pega/health",
        ] {
            let answer = self.watch.send(&self.admin, (Method::GET, path), |it| it).await;
            ensure!(answer.status == 200, "{path}: {}", answer.text);
        }
        let rekey = (Method::POST, "/api/v1/vault/rekey");
        let rekeyed = self.watch.send(&self.admin, rekey, |it| it).await;
        ensure!(rekeyed.json["credentials"].as_i64() > Some(0), "{}", rekeyed.text);
        Ok(())
    }

    /// Looks everywhere, while the process runs and after its end.
    async fn look_everywhere(self) -> Result<()> {
        let Self { process, folder, log, watch, .. } = self;
        let data = folder.path().join("data");
        watch.check_answers()?;
        watch.check_folder(&data)?;
        let (told, status) = process.end_and_tell().await?;
        ensure!(status.success(), "{status}");
        watch.check_folder(&data)?;
        let logged = std::fs::read(log)?;
        ensure!(logged.len() > 100_000, "only {} bytes were logged", logged.len());
        watch.check("what it logged", &logged)?;
        watch.check("what it told the terminal", format!("{told:?}").as_bytes())?;
        check_rows(&watch, &data.join("caseway.db"))
    }
}

/// Every value of every row: in the file, long ones lie in pieces.
fn check_rows(watch: &Watch, file: &Path) -> Result<()> {
    let database = Connection::open(file)?;
    let mut names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut seen = 0;
    for table in names {
        let mut all = database.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = all.column_count();
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(column)? {
                    watch.check(&table, bytes)?;
                    seen += bytes.len();
                }
            }
        }
    }
    ensure!(seen > 50_000, "only {seen} bytes of rows were looked through");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_found_where_it_does_not_belong() -> Result<()> {
    let mut world = World::start().await?;
    let credentials = world.make_credentials().await?;
    world.make_connections().await?;
    world.make_targets().await?;
    world.connect_accounts().await?;
    world.send_wrong_bodies().await?;
    world.present_on_every_operation(&credentials).await?;
    world.put_secrets_in_odd_places().await?;
    world.open_sockets().await?;
    world.read_everything().await?;
    let (secrets, answers) = world.watch.counts();
    println!("{secrets} secrets, {answers} answers");
    ensure!(secrets > 40 && answers > 1000, "too few to mean anything");
    world.look_everywhere().await
}

impl World {
    /// A token of a person who may do everything, as the identity provider makes it.
    fn person(&mut self) -> String {
        let claims = json!({ "sub": "anna", "aud": AUDIENCE, "permissions": ["admin"] });
        let token = self.provider.token(claims);
        self.watch.never("a person's token", &token);
        token
    }
}
