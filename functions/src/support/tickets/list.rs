//! Use case: see tickets, newest first: an employee's, those in a status, or all.

use shared::error::Result;
use shared::table::{Key, Query, Range, Read};
use shared::web::Caller;

use super::model::{Ticket, all_tickets, in_status, of_employee, ticket_id, ticket_key};
use super::request::Tickets;
use super::status::TicketStatus;
use crate::newest::{Newest, Numbers, ranks};
use crate::support::people::sees;

/// Which tickets are meant; all that are given must hold.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub employee_id: Option<String>,
    pub status: Option<TicketStatus>,
    pub priority: Option<String>,
    /// The type of the request.
    pub category: Option<String>,
    pub limit: usize,
    /// Only tickets with a smaller number.
    pub before: Option<i64>,
}

/// The tickets that a caller asks for.
struct Asked<'a> {
    tickets: &'a Tickets,
    by: &'a Caller,
    filter: &'a Filter,
}

impl Tickets {
    /// One page, and the number to go on below; none when there is no more.
    pub(super) async fn list(
        &self,
        by: &Caller,
        filter: &Filter,
    ) -> Result<(Vec<Ticket>, Option<i64>)> {
        let asked = Asked { tickets: self, by, filter };
        asked.page(filter.limit, filter.before).await
    }
}

impl Newest for Asked<'_> {
    type Row = Ticket;
    const MOST_EXAMINED: usize = 2_000;

    async fn look(&self, below: i64) -> Result<Numbers> {
        let tenant = &self.by.tenant;
        let (index, partition) = match (&self.filter.employee_id, self.filter.status) {
            (Some(employee), _) => ("by_employee", of_employee(tenant, employee)),
            (None, Some(status)) => ("by_status", in_status(tenant, status)),
            (None, None) => ("listed", all_tickets(tenant)),
        };
        let query = Query::index(index, index, &partition)
            .range("rank", Range::UpTo(below.saturating_sub(1).into()));
        let (ranks, more) = ranks(&self.tickets.store.log.table, query).await?;
        let last = ranks.last().copied().filter(|_| more);
        Ok((ranks, last))
    }

    async fn rows(&self, ranks: &[i64]) -> Result<Vec<Ticket>> {
        let tenant = &self.by.tenant;
        let key = |rank: &i64| ticket_key(tenant, &ticket_id(tenant, *rank));
        let keys: Vec<Key> = ranks.iter().map(key).collect();
        self.tickets.store.log.table.get_many(&keys, Read::Consistent).await
    }

    fn passes(&self, ticket: &Ticket) -> bool {
        self.filter.passes(ticket) && sees(self.by, ticket)
    }

    fn number(ticket: &Ticket) -> i64 {
        ticket.rank
    }
}

impl Filter {
    fn passes(&self, ticket: &Ticket) -> bool {
        let request = &ticket.request;
        let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|it| it == is);
        same(&self.employee_id, &request.employee_id)
            && same(&self.category, &request.request_type)
            && same(&self.priority, &request.priority_said)
            && self.status.is_none_or(|status| status == ticket.status)
    }
}
