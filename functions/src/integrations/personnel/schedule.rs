//! Use case: on a schedule, start the synchronisations that are due: of every connection that
//! is in use and whose `config.scheduled` says so, each `sync_interval` after the last began.

use jiff::civil::Date;
use shared::clock::timestamp;
use shared::env::Env;
use shared::error::{Kind, Result};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::roster::Roster;
use super::settings::is_scheduled;
use super::start::Personnel;
use super::sync::Wanted;
use crate::access::tenants::{Registrations, Status};
use crate::integrations::connections::client::Connectors;
use crate::integrations::connections::{Connection, IntegrationType};
use crate::integrations::onec::Settings;

/// The use case.
pub struct Timetable {
    personnel: Personnel,
    connectors: Connectors,
    tenants: Registrations,
}

impl Timetable {
    /// Needs what personnel and connections need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            personnel: Personnel::load(env)?,
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
        for connection in self.connectors.active(tenant, IntegrationType::OneC).await? {
            if let Err(error) = self.start_if_due(tenant, &connection).await {
                tracing::warn!(%error, connection = connection.id, "no synchronisation started");
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn start_if_due(&self, tenant: &Tenant, connection: &Connection) -> Result<()> {
        let (config, here) = (connection.config()?, &self.personnel);
        if !is_scheduled(&config)? {
            return Ok(());
        }
        let roster = Roster::find(&here.table, tenant, &connection.id).await?;
        let (last, _) = here.syncs(tenant, &connection.id, 1, None).await?;
        let now = here.clock.now_ms();
        let interval = i64::from(config.sync_interval) * 1000;
        let is_due = last.first().is_none_or(|last| last.started_at + interval <= now);
        if !is_due || roster.running.is_some() {
            return Ok(());
        }
        let today = timestamp(now).to_zoned(Settings::of(&config)?.zone).date();
        match here.start_over(&Caller::system(tenant), connection, month_of(today)).await {
            // Somebody was faster.
            Err(error) if error.kind == Kind::Conflict => Ok(()),
            started => started.map(|_| ()),
        }
    }
}

/// Everybody, with balances of this day's month.
fn month_of(day: Date) -> Wanted {
    let (start_date, end_date) = (day.first_of_month(), day.last_of_month());
    let (start_date, end_date) = (start_date.to_string(), end_date.to_string());
    Wanted { start_date, end_date, full: true, departments: Vec::new() }
}
