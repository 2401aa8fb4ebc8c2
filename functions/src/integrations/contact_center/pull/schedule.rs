//! Use case: start a connection's pull if its settings say that it is due.

use shared::error::{Kind, Result};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::marks::Marks;
use super::plan::Period;
use super::settings::Settings;
use super::start::Pulls;
use crate::integrations::connections::Connection;
use crate::integrations::timetable::next_due;

impl Pulls {
    /// Starts one over a connection that is scheduled, unless it is not due, or one is under
    /// way.
    pub(in crate::integrations) async fn start_if_due(
        &self,
        tenant: &Tenant,
        connection: &Connection,
    ) -> Result<()> {
        let config = connection.config()?;
        let marks = Marks::find(&self.means.table, tenant, &connection.id).await?;
        let now = self.means.clock.now_ms();
        if next_due(&config, marks.started_at, now) > now || marks.running.is_some() {
            return Ok(());
        }
        let wanted = (Period::default(), Settings::of(&config)?.kinds);
        match self.start_over(&Caller::system(tenant), connection, &marks, wanted).await {
            // Somebody was faster.
            Err(error) if error.kind == Kind::Conflict => Ok(()),
            started => started.map(drop),
        }
    }
}
