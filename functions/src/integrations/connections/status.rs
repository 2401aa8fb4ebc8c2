//! Use case: how a connection is, by its last synchronisations and tests.

use serde::Serialize;
use shared::error::Result;
use shared::tenant::Tenant;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::Connections;
use super::model::{Connection, ConnectionStatus};
use super::sync_logs::SyncLog;
use super::sync_types::{SyncStatus, SyncType};
use super::tests_made::{TestMade, average_ms};
use crate::integrations::answer::percentage;

/// The synchronisations that count, and those that are shown.
const COUNTED: i32 = 10;
const SHOWN: usize = 5;

/// How a connection is.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrationStatus {
    #[schema(format = "uuid")]
    connection_id: String,
    status: ConnectionStatus,
    /// When a synchronisation last ended well.
    last_sync: Option<String>,
    /// When the next one is due; null before the first.
    next_sync: Option<String>,
    health_check: HealthCheck,
    /// How many of the last ten synchronisations failed.
    error_count: usize,
    /// How many of them ended well, in percent; 0 when there were none.
    success_rate: f64,
    performance_metrics: PerformanceMetrics,
    /// How long the answers to the last ten tests took; null when there were none.
    avg_response_time_ms: Option<i64>,
}

/// What the last test said.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthCheck {
    /// `healthy`, `unhealthy`, or `unknown` before the first test.
    status: &'static str,
    /// What was last wrong.
    last_error: Option<String>,
    /// When it was last tested.
    last_test: Option<String>,
    /// How long the answer took then.
    response_time_ms: Option<i64>,
}

/// Numbers of the last ten synchronisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct PerformanceMetrics {
    total_syncs: usize,
    successful_syncs: usize,
    avg_response_time_ms: Option<i64>,
    /// The newest five of them.
    recent_syncs: Vec<RecentSync>,
}

/// A synchronisation in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentSync {
    #[schema(format = "uuid")]
    id: String,
    sync_type: SyncType,
    status: SyncStatus,
    start_time: String,
    records_processed: i64,
}

impl Connections {
    /// How a connection is.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn status(&self, tenant: &Tenant, id: &str) -> Result<IntegrationStatus> {
        let connection = self.find(tenant, id).await?;
        let logs = self.logs.newest(tenant, &connection.id, COUNTED).await?;
        let tests = TestMade::newest(&self.table, tenant, &connection.id).await?;
        view(connection, &logs, &tests)
    }
}

fn view(connection: Connection, logs: &[SyncLog], tests: &[TestMade]) -> Result<IntegrationStatus> {
    let interval = i64::from(connection.config()?.sync_interval) * 1000;
    let count = |status: SyncStatus| logs.iter().filter(|log| log.status == status).count();
    let (completed, failed) = (count(SyncStatus::Completed), count(SyncStatus::Failed));
    let last = tests.first();
    let average = average_ms(tests);
    Ok(IntegrationStatus {
        status: connection.status,
        last_sync: connection.last_sync.map(to_the_second),
        next_sync: connection.last_sync.map(|last| to_the_second(last + interval)),
        health_check: HealthCheck {
            status: match last.map(|test| test.success) {
                Some(true) => "healthy",
                Some(false) => "unhealthy",
                None => "unknown",
            },
            last_error: connection.last_error,
            last_test: last.map(|test| to_the_second(test.at)),
            response_time_ms: last.map(|test| test.response_time_ms),
        },
        connection_id: connection.id,
        error_count: failed,
        success_rate: percentage(
            i64::try_from(completed).unwrap_or(0),
            i64::try_from(logs.len()).unwrap_or(0),
        ),
        performance_metrics: PerformanceMetrics {
            total_syncs: logs.len(),
            successful_syncs: completed,
            avg_response_time_ms: average,
            recent_syncs: logs.iter().take(SHOWN).map(RecentSync::of).collect(),
        },
        avg_response_time_ms: average,
    })
}

impl RecentSync {
    fn of(log: &SyncLog) -> Self {
        Self {
            id: log.id.clone(),
            sync_type: log.sync_type,
            status: log.status,
            start_time: to_the_second(log.started_at),
            records_processed: log.records.processed,
        }
    }
}
