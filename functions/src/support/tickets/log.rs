//! Tickets and their events as they are read.

use serde_json::Value as Json;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::{Key, Query, Range, Read, Table};
use shared::tenant::Tenant;

use super::event::{LAST, TicketEvent, event_sk};
use super::model::{Ticket, ticket_key, unknown_ticket};
use crate::support::lane::tickets_table;

/// Events that are read at a time.
const PAGE: i32 = 200;

/// Tickets. Cheap to clone.
#[derive(Clone)]
pub struct TicketLog {
    /// The table `tickets`.
    pub table: Table,
    /// What time it is for tickets.
    pub clock: Clock,
}

impl TicketLog {
    /// Needs the table `tickets`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { table: tickets_table(env)?, clock: env.clock() })
    }

    /// What time it is for tickets, once the table has answered.
    ///
    /// # Errors
    /// `Unavailable` when it does not.
    pub async fn look(&self) -> Result<i64> {
        let probe = Key::alone("HEALTH".to_owned());
        self.table.get::<Json>(&probe, Read::Eventual).await?;
        Ok(self.clock.now_ms())
    }

    /// A ticket.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn find(&self, tenant: &Tenant, id: &str) -> Result<Ticket> {
        let found = self.table.get(&ticket_key(tenant, id), Read::Consistent).await?;
        found.ok_or_else(unknown_ticket)
    }

    /// A ticket's events behind this number, in order; some of them, if they are many.
    pub async fn events(&self, tenant: &Tenant, id: &str, after: i64) -> Result<Vec<TicketEvent>> {
        let range = Range::Between(event_sk(after.saturating_add(1)).into(), LAST.into());
        let query = Query::partition(&ticket_key(tenant, id).pk).range("sk", range);
        Ok(self.table.query(query.limit(PAGE)).await?.items)
    }
}
