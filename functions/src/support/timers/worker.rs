//! The work that timers are: what is due is done, once.

use shared::env::Env;
use shared::error::{Kind, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::Key;
use shared::web::Caller;

use super::model::Timer;
use crate::rule_book::RuleBook;
use crate::support::policies::Policies;
use crate::support::tickets::{Ticket, TicketStore};

/// How long a timer's row is kept once it acted, in seconds: a week.
const KEPT: i64 = 7 * 24 * 3600;

/// The work.
pub struct Timers {
    tickets: TicketStore,
    book: RuleBook<Policies>,
}

impl Timers {
    /// Needs all that tickets need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { tickets: TicketStore::load(env)?, book: RuleBook::load(env)? })
    }

    async fn act(&self, timer: &Timer) -> Result<Done> {
        let tenant = timer.tenant()?;
        let held = self.book.of(&tenant).await?;
        let act = |ticket: &mut Ticket, now| {
            let due = held.rules.due(ticket.request.priority, now);
            timer.act(ticket, due.at, now)
        };
        match self.tickets.change(&Caller::system(&tenant), &timer.ticket_id, act).await {
            Err(error) if error.kind != Kind::NotFound => return Err(error),
            _ => {}
        }
        let expires_at = self.tickets.log.clock.now_ms() / 1000 + KEPT;
        let record = Record { set: vec![("expires_at", expires_at.into())], ..Record::default() };
        Ok(Done { record, ..Done::default() })
    }
}

impl Work for Timers {
    type Row = Timer;
    type Leave = ();

    async fn ready(&self, _: &Timer) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn at_once(&self, timer: &Timer) -> Result<Option<Done>> {
        self.act(timer).await.map(Some)
    }

    async fn run(&self, timer: &Timer, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        Ok(self.act(timer).await?)
    }

    async fn failed(&self, _: &Timer, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Timer) -> Result<Option<Key>> {
        Ok(None)
    }
}
