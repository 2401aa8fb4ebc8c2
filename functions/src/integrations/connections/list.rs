//! Use cases: list connections, and the logs of one.

use serde::Deserialize;
use shared::error::Result;
use shared::table::Query;
use shared::tenant::Tenant;
use shared::web::{page_limit, page_skip};
use utoipa::IntoParams;

use super::Connections;
use super::model::{Connection, ConnectionStatus, IntegrationType, directory};
use super::sync_types::{SyncStatus, SyncType};
use super::view::SyncLogList;

/// Items of a page that does not say how many, and at most.
const USUAL: usize = 100;
const MOST: usize = 1000;

/// Which connections are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConnectionFilter {
    /// How many are left out first.
    #[param(minimum = 0, default = 0)]
    skip: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
    /// Only those to this kind of system.
    integration_type: Option<IntegrationType>,
    /// Only those in this state.
    status: Option<ConnectionStatus>,
}

/// Which sync logs are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SyncLogFilter {
    /// How many are left out first.
    #[param(minimum = 0, default = 0)]
    skip: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
    /// Only those of this type.
    sync_type: Option<SyncType>,
    /// Only those that are so far.
    status: Option<SyncStatus>,
}

impl Connections {
    /// A tenant's connections, newest first.
    ///
    /// # Errors
    /// `Invalid`, naming the parameter.
    pub(super) async fn list(
        &self,
        tenant: &Tenant,
        filter: &ConnectionFilter,
    ) -> Result<Vec<Connection>> {
        let (skip, limit) = (page_skip(filter.skip)?, page_limit(filter.limit, USUAL, MOST)?);
        let wanted = |connection: &Connection| {
            filter.integration_type.is_none_or(|of| of == connection.integration_type)
                && filter.status.is_none_or(|is| is == connection.status)
        };
        let query = Query::partition(&directory(tenant)).descending();
        self.table.query_window(query, wanted, skip, limit).await
    }

    /// A connection's sync logs, newest first.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the parameter.
    pub(super) async fn sync_logs(
        &self,
        tenant: &Tenant,
        id: &str,
        filter: &SyncLogFilter,
    ) -> Result<SyncLogList> {
        let window = (page_skip(filter.skip)?, page_limit(filter.limit, USUAL, MOST)?);
        let connection = self.find(tenant, id).await?;
        let wanted = (filter.sync_type, filter.status);
        let (logs, count) = self.logs.list(tenant, &connection.id, wanted, window).await?;
        Ok(SyncLogList::of(connection, logs, count, wanted))
    }
}
