//! The work that a workflow is: what is next on its ticket is done and written, one after the
//! other, until a person is asked or it ends. What was written is not done again, whoever
//! goes on from there.

use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::jobs::{Claim, Done, Failure, LastError, Ready, Record, Row, Work};
use shared::table::Key;
use shared::web::Caller;

use super::advance::{self, Stage};
use super::assessment::Author;
use super::model::Workflow;
use super::perform::{Performed, Performers};
use super::plan::{Next, Step, StepState};
use super::planner::Planner;
use super::spent::Spent;
use crate::support::tickets::{Change, Ticket, TicketStatus, TicketStore, Told};

/// How long a workflow may be at work at a time, in seconds, if nobody says otherwise.
const TIMEOUT: i64 = 300;
/// The longest that somebody may say: a day.
const LONGEST_TIMEOUT: i64 = 24 * 3600;

/// The work.
pub struct Flowing {
    tickets: TicketStore,
    planner: Planner,
    performers: Performers,
    timeout_ms: i64,
}

impl Flowing {
    /// Needs all that tickets, the planner and those who do steps need; the variable
    /// `WORKFLOW_TIMEOUT` may say how long a workflow may be at work at a time, in seconds.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            tickets: TicketStore::load(env)?,
            planner: Planner::load(env)?,
            performers: Performers::load(env)?,
            timeout_ms: env.within("WORKFLOW_TIMEOUT", TIMEOUT, 1..=LONGEST_TIMEOUT)? * 1000,
        })
    }

    /// Does what is next on a ticket that its workflow is at work on.
    async fn advance(&self, ticket: &Ticket, claim: &Claim) -> Result<Advanced, Failure> {
        if ticket.status == TicketStatus::Pending {
            let begin = |ticket: &mut Ticket, now| advance::begin(ticket, now);
            return self.change(ticket, "ticket.begin", "The workflow began", begin).await;
        }
        match ticket.stage {
            Stage::Classify => self.classify(ticket).await,
            Stage::Execute => self.execute(ticket, claim).await,
        }
    }

    async fn classify(&self, ticket: &Ticket) -> Result<Advanced, Failure> {
        let held = self.planner.policies(ticket).await?;
        let (assessment, plan) = self.planner.assess(&held, ticket).await?;
        let told = assessment.justification_brief.clone();
        let by_call = assessment.author != Author::Rules;
        let classify = |ticket: &mut Ticket, now| {
            advance::classified(ticket, &held.rules, assessment.clone(), plan.clone(), now)
        };
        match self.change(ticket, "ticket.classify", &told, classify).await? {
            Advanced::InWriting(next) if by_call => Ok(Advanced::ByCall(next)),
            advanced => Ok(advanced),
        }
    }

    async fn execute(&self, ticket: &Ticket, claim: &Claim) -> Result<Advanced, Failure> {
        let plan = ticket.plan.as_ref().ok_or_else(|| Error::bug("a ticket without a plan"))?;
        let owned = |steps: Vec<&Step>| steps.into_iter().cloned().collect::<Vec<_>>();
        match plan.next() {
            Next::Perform(step) => self.perform(ticket, step, claim).await,
            Next::Approve(steps) => {
                let (held, steps) = (self.planner.policies(ticket).await?, owned(steps));
                let ask = |it: &mut Ticket, now| advance::ask_manager(it, &held.rules, &steps, now);
                self.change(ticket, "ticket.ask", "A manager is asked", ask).await
            }
            Next::Instruct(steps) => {
                let (held, steps) = (self.planner.policies(ticket).await?, owned(steps));
                let ask = |it: &mut Ticket, now| advance::instruct(it, &held.rules, &steps, now);
                self.change(ticket, "ticket.ask", "The employee is asked", ask).await
            }
            Next::Nothing => {
                let finish = |ticket: &mut Ticket, now| advance::finish(ticket, now);
                self.change(ticket, "ticket.resolve", "Everything is done", finish).await
            }
        }
    }

    /// Does one step, and writes that it is done, or that somebody else has to do it.
    async fn perform(
        &self,
        ticket: &Ticket,
        step: &Step,
        claim: &Claim,
    ) -> Result<Advanced, Failure> {
        let Some(effect) = &step.effect else {
            return Err(Error::bug("a step that nobody does").into());
        };
        let (state, done) = match self.performers.perform(ticket, step, effect, claim).await {
            Ok(done) => (StepState::Done, done),
            Err(failure) if failure.retry => return Err(failure),
            Err(failure) => (StepState::Failed, failed(failure)),
        };
        let told = format!("Step {}: {}", step.step_id, done.detail);
        let (round, id) = (ticket.round, &step.step_id);
        let act = |ticket: &mut Ticket, now| {
            // What is only written is not done for a ticket that was cancelled meanwhile.
            let goes_on =
                ticket.round == round && (done.has_happened || ticket.status.is_at_work());
            let plan = ticket.plan.as_mut().filter(|_| goes_on);
            let Some(plan) = plan.filter(|plan| plan.is_to_do(id)) else { return Ok(None) };
            plan.mark(id, state, Some(done.detail.clone()), now);
            let Record { also, tell, .. } = done.record.clone();
            let change = Change::of("ticket.step", Told::update(ticket, &told));
            Ok(Some(Change { also, tell, ..change }))
        };
        let by = Caller::system(&ticket.tenant()?);
        let next = self.tickets.change(&by, &ticket.ticket_id, act).await;
        // Whether it is known or not: it was done.
        let next = next.map_err(|error| Failure { in_doubt: done.has_happened, ..error.into() })?;
        match done.has_happened {
            true => Ok(Advanced::ByCall(next)),
            false => Ok(Advanced::InWriting(next)),
        }
    }

    /// Makes a transition, if the ticket is still where it was when that was found out.
    async fn change(
        &self,
        seen: &Ticket,
        action: &'static str,
        told: &str,
        transition: impl Fn(&mut Ticket, i64) -> Result<()>,
    ) -> Result<Advanced, Failure> {
        let act = |ticket: &mut Ticket, now| {
            let same = (ticket.status, ticket.stage, ticket.round)
                == (seen.status, seen.stage, seen.round);
            if !same {
                return Ok(None);
            }
            transition(ticket, now)?;
            Ok(Some(Change::of(action, Told::update(ticket, told))))
        };
        let by = Caller::system(&seen.tenant()?);
        Ok(Advanced::InWriting(self.tickets.change(&by, &seen.ticket_id, act).await?))
    }

    /// Ends a ticket that cannot go on.
    async fn fail(&self, ticket: &Ticket, reason: &str) -> Result<Ticket> {
        let act = |ticket: &mut Ticket, now| {
            if !ticket.status.is_at_work() {
                return Ok(None);
            }
            advance::fail(ticket, reason, now)?;
            let error = Told::of("error", serde_json::json!({ "error": reason }));
            let mut change = Change::of("ticket.fail", error);
            change.told.push(Told::update(ticket, reason));
            Ok(Some(change))
        };
        let by = Caller::system(&ticket.tenant()?);
        self.tickets.change(&by, &ticket.ticket_id, act).await
    }

    /// Does what is next until somebody has been called, or nothing is.
    async fn go_on(
        &self,
        row: &Workflow,
        claim: &Claim,
        spent: &Spent<'_>,
    ) -> Result<Done, Failure> {
        let mut ticket = match self.tickets.log.find(&row.tenant()?, &row.ticket_id).await {
            Err(error) if error.kind == Kind::NotFound => return Ok(Done::default()),
            found => found?,
        };
        while ticket.status.is_at_work() {
            if spent.left().is_zero() {
                self.fail(&ticket, &self.too_late(row.job().error.as_ref())).await?;
                break;
            }
            ticket = match self.advance(&ticket, claim).await? {
                Advanced::InWriting(next) => next,
                Advanced::ByCall(next) => {
                    let again = next.status.is_at_work().then(|| self.tickets.log.clock.now_ms());
                    return Ok(Done { again, ..Done::default() });
                }
            };
        }
        Ok(Done::default())
    }

    /// Why a ticket cannot go on whose workflow was at work for too long.
    fn too_late(&self, last: Option<&LastError>) -> String {
        let told = format!("Workflow timed out after {} seconds", self.timeout_ms / 1000);
        match last {
            Some(last) => format!("{told}: {}", last.reason),
            None => told,
        }
    }
}

/// What a ticket became.
enum Advanced {
    /// By what was written alone.
    InWriting(Ticket),
    /// By what somebody was called for, or may have been: that has an attempt of its own.
    ByCall(Ticket),
}

/// A step that somebody else has to do. That may have been found out by a call.
fn failed(failure: Failure) -> Performed {
    Performed { detail: failure.reason, record: failure.record, has_happened: true }
}

impl Work for Flowing {
    type Row = Workflow;
    type Leave = ();

    async fn ready(&self, _: &Workflow) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, row: &Workflow, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let spent = Spent::by(row, self.timeout_ms, &self.tickets.log.clock);
        match self.go_on(row, claim, &spent).await {
            Ok(mut done) => {
                spent.keep(claim, &mut done.record)?;
                Ok(done)
            }
            Err(mut failure) => {
                spent.keep(claim, &mut failure.record)?;
                // It is not waited for longer than there is time.
                failure.retry_after = failure.retry_after.map(|after| after.min(spent.left()));
                Err(failure)
            }
        }
    }

    async fn failed(&self, row: &Workflow, failure: &Failure, last: bool) -> Result<Record> {
        if last {
            let ticket = self.tickets.log.find(&row.tenant()?, &row.ticket_id).await?;
            self.fail(&ticket, &failure.reason).await?;
        }
        Ok(Record::default())
    }

    async fn next(&self, _: &Workflow) -> Result<Option<Key>> {
        Ok(None)
    }
}
