//! Use case: see tickets, newest first: an employee's, those in a status, or all.

use serde::Deserialize;
use shared::error::Result;
use shared::table::{Key, Query, Range, Read};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{Ticket, all_tickets, in_status, of_employee, ticket_id, ticket_key};
use super::request::Tickets;
use super::status::TicketStatus;
use crate::support::people::sees;

/// Tickets that are looked at together, and altogether before a page is answered even if it
/// is not full.
const LOOK: i32 = 100;
const MOST_EXAMINED: usize = 2_000;

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

/// What an index says of a ticket.
#[derive(Deserialize)]
struct Ranked {
    rank: i64,
}

impl Tickets {
    /// One page, and the number to go on below; none when there is no more.
    pub(super) async fn list(
        &self,
        by: &Caller,
        filter: &Filter,
    ) -> Result<(Vec<Ticket>, Option<i64>)> {
        let (mut found, mut examined): (Vec<Ticket>, _) = (Vec::new(), 0);
        let mut below = Some(filter.before.unwrap_or(i64::MAX));
        while let Some(from) = below {
            let (ranks, next) = self.look(&by.tenant, filter, from).await?;
            examined += ranks.len();
            for ticket in self.rows(&by.tenant, &ranks).await? {
                if !filter.passes(&ticket) || !sees(by, &ticket) {
                    continue;
                }
                if found.len() == filter.limit {
                    let last = found.last().map(|ticket| ticket.rank);
                    return Ok((found, last));
                }
                found.push(ticket);
            }
            below = next;
            if examined >= MOST_EXAMINED {
                break;
            }
        }
        Ok((found, below))
    }

    /// Numbers below that one, newest first, and below which to go on.
    async fn look(
        &self,
        tenant: &Tenant,
        filter: &Filter,
        below: i64,
    ) -> Result<(Vec<i64>, Option<i64>)> {
        let (index, partition) = match (&filter.employee_id, filter.status) {
            (Some(employee), _) => ("by_employee", of_employee(tenant, employee)),
            (None, Some(status)) => ("by_status", in_status(tenant, status)),
            (None, None) => ("listed", all_tickets(tenant)),
        };
        let query = Query::index(index, index, &partition)
            .range("rank", Range::UpTo(below.saturating_sub(1).into()));
        let page = self.store.log.table.query::<Ranked>(query.descending().limit(LOOK)).await?;
        let ranks: Vec<i64> = page.items.iter().map(|item| item.rank).collect();
        Ok((ranks.clone(), page.next.and(ranks.last().copied())))
    }

    /// The tickets with these numbers, newest first.
    async fn rows(&self, tenant: &Tenant, ranks: &[i64]) -> Result<Vec<Ticket>> {
        let keys: Vec<Key> =
            ranks.iter().map(|rank| ticket_key(tenant, &ticket_id(tenant, *rank))).collect();
        let mut rows: Vec<Ticket> = self.store.log.table.get_many(&keys, Read::Consistent).await?;
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.rank));
        Ok(rows)
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
