//! Use case: on a schedule, start the synchronisations that are due: of every connection that
//! is in use and whose `config.scheduled` says so, each `sync_interval` after the last began.

use serde_json::Value as Json;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::tenant::Tenant;

use super::connections::client::Connectors;
use super::connections::{Config, Connection, IntegrationType};
use super::contact_center::pull::Pulls;
use super::personnel::Personnel;
use crate::access::tenants::{Registrations, Status};

/// The use case.
pub struct Timetable {
    personnel: Personnel,
    pulls: Pulls,
    connectors: Connectors,
    tenants: Registrations,
}

impl Timetable {
    /// Needs what synchronisations and connections need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            personnel: Personnel::load(env)?,
            pulls: Pulls::load(env)?,
            connectors: Connectors::load(env)?,
            tenants: Registrations(env.table("CONTROL_TABLE")?),
        })
    }

    /// Starts whatever is due. A connection that fails does not keep the others from it.
    pub async fn tick(&self) -> Result<()> {
        let mut failed = None;
        for one in self.tenants.all().await? {
            if one.status == Status::Active {
                failed = self.tick_of(&one.tenant).await.err().or(failed);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn tick_of(&self, tenant: &Tenant) -> Result<()> {
        let mut failed = None;
        for of in [IntegrationType::OneC, IntegrationType::ContactCenter] {
            for connection in self.connectors.active(tenant, of).await? {
                if let Err(error) = self.start_if_due(tenant, &connection).await {
                    tracing::warn!(%error, connection = connection.id, "no synchronisation started");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn start_if_due(&self, tenant: &Tenant, connection: &Connection) -> Result<()> {
        if !is_scheduled(&connection.config()?)? {
            return Ok(());
        }
        match connection.integration_type {
            IntegrationType::ContactCenter => self.pulls.start_if_due(tenant, connection).await,
            _ => self.personnel.start_if_due(tenant, connection).await,
        }
    }
}

/// Whether a connection is synchronised every `sync_interval`: `config.scheduled`.
///
/// # Errors
/// `Invalid`, naming it.
pub fn is_scheduled(config: &Config) -> Result<bool> {
    match config.more.get("scheduled") {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(is)) => Ok(*is),
        Some(_) => Err(Error::invalid("config.scheduled", "must be a boolean")),
    }
}

/// When the next synchronisation is due after one that began at `last` (milliseconds since
/// 1970); at `now` when there was none.
pub fn next_due(config: &Config, last: Option<i64>, now: i64) -> i64 {
    last.map_or(now, |last| last + i64::from(config.sync_interval) * 1000)
}
