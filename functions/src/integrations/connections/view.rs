//! Connections and their logs as they are shown, without any credential.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::model::{AuthenticationType, Connection, ConnectionStatus, IntegrationType};
use super::sync_logs::SyncLog;
use super::sync_types::{Direction, SyncStatus, SyncType};

/// A connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionView {
    #[schema(format = "uuid")]
    id: String,
    name: String,
    integration_type: IntegrationType,
    endpoint_url: String,
    authentication_type: AuthenticationType,
    /// Its settings; those that were not given have their usual values.
    #[schema(value_type = Object)]
    config: Map<String, Json>,
    #[schema(value_type = Option<Object>)]
    mapping_rules: Option<Json>,
    status: ConnectionStatus,
    /// When a synchronisation last ended well.
    last_sync: Option<String>,
    /// What was last wrong with it.
    last_error: Option<String>,
    /// The tenant.
    organization_id: String,
    created_at: String,
    updated_at: String,
}

/// A page of a connection's sync logs.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncLogList {
    sync_logs: Vec<SyncLogView>,
    /// How many there are of this type and status.
    total_count: i64,
    #[schema(format = "uuid")]
    connection_id: String,
    connection_name: String,
    filters: SyncLogFilters,
}

/// What the logs were chosen by.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncLogFilters {
    sync_type: Option<SyncType>,
    status: Option<SyncStatus>,
}

/// A sync log.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncLogView {
    #[schema(format = "uuid")]
    id: String,
    sync_type: SyncType,
    direction: Direction,
    status: SyncStatus,
    start_time: String,
    end_time: Option<String>,
    records_processed: i64,
    records_successful: i64,
    records_failed: i64,
    /// The records that were taken by their kinds, where a sync has several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    records_by_kind: BTreeMap<String, i64>,
    error_details: Option<String>,
}

impl ConnectionView {
    /// Shows a tenant's connection.
    pub(super) fn of(tenant: &Tenant, connection: Connection) -> Result<Self> {
        let rules = connection.mapping_rules.as_deref().map(serde_json::from_str);
        Ok(Self {
            config: connection.config()?.shown(),
            mapping_rules: rules.transpose().map_err(Error::internal)?,
            id: connection.id,
            name: connection.name,
            integration_type: connection.integration_type,
            endpoint_url: connection.endpoint_url,
            authentication_type: connection.authentication_type,
            status: connection.status,
            last_sync: connection.last_sync.map(to_the_second),
            last_error: connection.last_error,
            organization_id: tenant.to_string(),
            created_at: to_the_second(connection.created_at),
            updated_at: to_the_second(connection.updated_at),
        })
    }
}

impl SyncLogList {
    /// Shows a page of a connection's logs.
    pub(super) fn of(
        connection: Connection,
        logs: Vec<SyncLog>,
        total_count: i64,
        (sync_type, status): (Option<SyncType>, Option<SyncStatus>),
    ) -> Self {
        Self {
            sync_logs: logs.into_iter().map(SyncLogView::of).collect(),
            total_count,
            connection_id: connection.id,
            connection_name: connection.name,
            filters: SyncLogFilters { sync_type, status },
        }
    }
}

impl SyncLogView {
    fn of(log: SyncLog) -> Self {
        Self {
            id: log.id,
            sync_type: log.sync_type,
            direction: log.direction,
            status: log.status,
            start_time: to_the_second(log.started_at),
            end_time: log.ended_at.map(to_the_second),
            records_processed: log.records.processed,
            records_successful: log.records.successful,
            records_failed: log.records.failed,
            records_by_kind: log.by_kind,
            error_details: log.error_details,
        }
    }
}
