//! Use case: how all connections of a tenant are together.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::clock::timestamp;
use shared::error::Result;
use shared::table::Query;
use shared::tenant::Tenant;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::Connections;
use super::model::{Connection, ConnectionStatus, directory};
use crate::integrations::answer::percentage;

/// How a tenant's connections are.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionsHealth {
    /// Always `WFM Integration Service`.
    service_name: &'static str,
    /// `warning` when no connection is active, `healthy` when all are, else `degraded`.
    status: &'static str,
    /// The version of the contract.
    version: &'static str,
    /// How long this process has been running.
    uptime_seconds: i64,
    active_connections: usize,
    /// When a synchronisation of a type last ended well.
    last_sync_times: BTreeMap<String, String>,
    performance_metrics: HealthMetrics,
    timestamp: String,
}

/// Numbers of a tenant's connections.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthMetrics {
    total_connections: usize,
    active_connections: usize,
    /// Those that are not active, for whatever reason.
    inactive_connections: usize,
    /// Synchronisations that started in the last twenty-four hours.
    recent_syncs: i64,
    /// How many of them ended well, in percent; 0 when there were none.
    success_rate: f64,
}

impl Connections {
    /// How a tenant's connections are.
    pub(super) async fn health(&self, tenant: &Tenant) -> Result<ConnectionsHealth> {
        let all: Vec<Connection> =
            self.table.query_all(Query::partition(&directory(tenant))).await?;
        let active = all.iter().filter(|one| one.status == ConnectionStatus::Active).count();
        let lately = self.logs.lately(tenant).await?;
        let now = self.clock.now_ms();
        let times = lately.last.into_iter().map(|(of, at)| (of, to_the_second(at)));
        Ok(ConnectionsHealth {
            service_name: "WFM Integration Service",
            status: match active {
                0 => "warning",
                active if active == all.len() => "healthy",
                _ => "degraded",
            },
            version: "1.0.0",
            uptime_seconds: (now - self.started) / 1000,
            active_connections: active,
            last_sync_times: times.collect(),
            performance_metrics: HealthMetrics {
                total_connections: all.len(),
                active_connections: active,
                inactive_connections: all.len() - active,
                recent_syncs: lately.started,
                success_rate: percentage(lately.completed, lately.started),
            },
            timestamp: timestamp(now).to_string(),
        })
    }
}
