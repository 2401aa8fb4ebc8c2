//! DynamoDB inside the process: the AWS SDK's own requests, answered by dynoxide
//! on SQLite instead of a network.

mod connector;
mod disk;
mod engine;
mod meter;
mod schema;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::SharedCredentialsProvider;

use connector::Connector;
pub use disk::{Disk, Sync, to_disk};
use engine::Engine;
pub use meter::{Meter, Units};

/// The embedded database.
#[derive(Clone)]
pub struct Embedded {
    engine: Arc<Engine>,
    connector: Connector,
}

impl Embedded {
    /// Opens the database file, making it and the template's tables if need be.
    pub fn open(file: &Path, sync: Sync) -> Result<Self> {
        let path = file.to_str().context("the data folder's path must be UTF-8")?;
        let database = dynoxide::Database::new(path).context("open the database")?;
        schema::create(&database)?;
        let disk = Some(Disk::start(file, sync)?);
        let engine = Arc::new(Engine { database, disk, meter: Arc::default() });
        let connector = Connector::start(engine.clone())?;
        Ok(Self { engine, connector })
    }

    /// A database that is gone with the process, for tests.
    pub fn in_memory() -> Result<Self> {
        let database = dynoxide::Database::memory().context("open the database")?;
        schema::create(&database)?;
        let engine = Arc::new(Engine { database, disk: None, meter: Arc::default() });
        Ok(Self { connector: Connector::Inline(engine.clone()), engine })
    }

    /// The SDK, with this database as its network.
    pub fn sdk(&self) -> SdkConfig {
        let credentials = Credentials::new("local", "local", None, None, "embedded");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .endpoint_url("http://embedded")
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.connector.clone())
            .build()
    }

    /// What makes writes durable; none for a database in memory.
    pub fn disk(&self) -> Option<Disk> {
        self.engine.disk.clone()
    }

    /// Counts capacity units from now on.
    pub fn meter(&self) -> Arc<Meter> {
        self.engine.meter.clone()
    }

    /// Removes what has outlived its `expires_at`.
    pub fn sweep_expired(&self) {
        self.engine.sweep_expired();
    }
}

/// The names that the template's tables go by here, as variables.
pub fn table_variables() -> [(&'static str, &'static str); 9] {
    [
        ("EVENTS_TABLE", "EventsTable"),
        ("CONTROL_TABLE", "ControlTable"),
        ("AUDIT_TABLE", "AuditTable"),
        ("MESSAGES_TABLE", "MessagesTable"),
        ("INTEGRATIONS_TABLE", "IntegrationsTable"),
        ("RUNS_TABLE", "RunsTable"),
        ("TICKETS_TABLE", "TicketsTable"),
        ("WORKFORCE_TABLE", "WorkforceTable"),
        ("ENJAZ_TABLE", "EnjazTable"),
    ]
}
