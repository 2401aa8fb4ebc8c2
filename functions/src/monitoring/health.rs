//! Use case: look whether what everything depends on answers.

use serde::Serialize;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::{Key, Read, Table};
use utoipa::ToSchema;

use super::system::SystemInfo;

/// The use case.
#[derive(Clone)]
pub struct Health {
    control: Table,
    clock: Clock,
    started: i64,
    pub(super) system: SystemInfo,
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
    /// How long this process has been running, for example `7d 12h 30m`.
    pub uptime: String,
    /// The same in seconds.
    pub uptime_seconds: i64,
    /// Always `caseway`.
    pub service: &'static str,
}

impl Health {
    /// Needs the table `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let clock = env.clock();
        let (control, started) = (env.table("CONTROL_TABLE")?, clock.now_ms());
        Ok(Self { control, started, clock, system: SystemInfo::of(env) })
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
        let uptime_seconds = (self.clock.now_ms() - self.started) / 1000;
        HealthReport {
            status,
            timestamp: self.clock.now().to_string(),
            version: env!("CARGO_PKG_VERSION"),
            database,
            uptime: in_words(uptime_seconds),
            uptime_seconds,
            service: "caseway",
        }
    }
}

fn in_words(seconds: i64) -> String {
    let minutes = seconds / 60;
    format!("{}d {}h {}m", minutes / (24 * 60), minutes / 60 % 24, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn uptime_is_told_in_days_hours_and_minutes() {
        for (seconds, words) in [(0, "0d 0h 0m"), (649_859, "7d 12h 30m"), (86_399, "0d 23h 59m")] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
