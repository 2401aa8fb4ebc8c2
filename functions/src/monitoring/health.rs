//! Use case: look whether what everything depends on answers.

use serde::Serialize;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::{Key, Read, Table};
use utoipa::ToSchema;

/// The use case.
#[derive(Clone)]
pub struct Health {
    control: Table,
    clock: Clock,
    started: i64,
}

/// How it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthReport {
    /// `healthy`, or `unhealthy` when the database does not answer.
    pub status: &'static str,
    /// When this was found, RFC 3339, UTC.
    pub timestamp: String,
    /// The version that runs.
    pub version: &'static str,
    /// `connected` or `disconnected`.
    pub database: &'static str,
    /// Seconds since this process started.
    pub uptime_seconds: i64,
}

impl Health {
    /// Needs the table `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let clock = env.clock();
        Ok(Self { control: env.table("CONTROL_TABLE")?, started: clock.now_ms(), clock })
    }

    /// Asks the table for an item that need not be there.
    pub async fn look(&self) -> HealthReport {
        let probe = Key::alone("HEALTH".to_owned());
        let answered = self.control.get::<serde_json::Value>(&probe, Read::Eventual).await;
        let (status, database) = match answered {
            Ok(_) => ("healthy", "connected"),
            Err(error) => {
                tracing::error!(%error, "the database does not answer");
                ("unhealthy", "disconnected")
            }
        };
        HealthReport {
            status,
            timestamp: self.clock.now().to_string(),
            version: env!("CARGO_PKG_VERSION"),
            database,
            uptime_seconds: (self.clock.now_ms() - self.started) / 1000,
        }
    }
}
