//! Use case: start a connection's synchronisation if its settings say that it is due.

use jiff::civil::Date;
use shared::clock::timestamp;
use shared::error::{Kind, Result};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::roster::Roster;
use super::start::Personnel;
use super::sync::Wanted;
use crate::integrations::connections::Connection;
use crate::integrations::onec::Settings;
use crate::integrations::timetable::next_due;

impl Personnel {
    /// Starts one over a connection that is scheduled, unless it is not due, or one is under
    /// way.
    pub(in crate::integrations) async fn start_if_due(
        &self,
        tenant: &Tenant,
        connection: &Connection,
    ) -> Result<()> {
        let config = connection.config()?;
        let roster = Roster::find(&self.means.table, tenant, &connection.id).await?;
        let (last, _) = self.syncs(tenant, &connection.id, 1, None).await?;
        let now = self.means.clock.now_ms();
        let last = last.first().map(|last| last.started_at);
        if next_due(&config, last, now) > now || roster.running.is_some() {
            return Ok(());
        }
        let today = timestamp(now).to_zoned(Settings::of(&config)?.zone).date();
        match self.start_over(&Caller::system(tenant), connection, month_of(today)).await {
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
