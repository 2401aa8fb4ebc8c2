//! Use case: answer what a ticket waits for. Whoever is first wins: the answer is taken on
//! the ticket as it stands, in one write, or not at all.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::web::{Caller, Permissions, at_most};
use utoipa::ToSchema;

use super::caller::{may_speak_for, person, sees};
use super::delegations::Delegations;
use super::interrupt::{About, Decided, Interrupt, Outcome, Vote};
use crate::access::permission::TICKETS_APPROVE;
use crate::rule_book::RuleBook;
use crate::support::policies::Policies;
use crate::support::tickets::{
    Change, Decision, Signal, Ticket, TicketStatus, TicketStore, Told, name, unknown_ticket,
};
use crate::support::timers::escalated;
use crate::support::workflow::{Stage, StepState};

/// The longest answer and comments, in bytes.
const LONGEST: usize = 4096;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct Answers {
    pub(super) tickets: TicketStore,
    pub(super) delegations: Delegations,
    book: RuleBook<Policies>,
}

/// An answer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HilAnswer {
    /// In words; what is missing, where something is.
    #[schema(max_length = 4096, example = "Approved with conditions")]
    answer: String,
    /// Whether it is a yes.
    approval: bool,
    /// Who answers.
    #[schema(min_length = 1, max_length = 100, example = "MANAGER001")]
    approver_id: String,
    #[schema(max_length = 4096, example = "Access granted for 30 days")]
    comments: Option<String>,
    /// The question that is answered; whichever is asked, when not given.
    #[schema(example = "hil_q_0a1b2c3d")]
    question_id: Option<String>,
    /// What is missing, by its name, where several things are.
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

impl Answers {
    /// Needs all that tickets need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            tickets: TicketStore::load(env)?,
            delegations: Delegations::load(env)?,
            book: RuleBook::load(env)?,
        })
    }

    /// Answers.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when nothing is asked, naming who answered; `Forbidden` when
    /// they are not among those who are asked, or asked for it themselves; `Invalid`, naming
    /// the member.
    pub(super) async fn answer(&self, by: &Caller, id: &str, given: &HilAnswer) -> Result<Ticket> {
        given.check(by)?;
        let seen = self.tickets.log.find(&by.tenant, id).await?;
        if !sees(by, &seen) {
            return Err(unknown_ticket());
        }
        let question = given.question(&seen)?;
        let instead_of = self.delegations.of(&by.tenant, &given.approver_id).await?;
        let held = self.book.of(&by.tenant).await?;
        let act = |ticket: &mut Ticket, now| {
            let due = held.rules.due(ticket.request.priority, now);
            given.take((by, &instead_of), (ticket, &question), due.at, now).map(Some)
        };
        self.tickets.change(by, id, act).await
    }
}

impl HilAnswer {
    fn check(&self, by: &Caller) -> Result<()> {
        name("approver_id", &self.approver_id)?;
        at_most(LONGEST, "answer", &self.answer)?;
        at_most(LONGEST, "comments", self.comments.as_deref().unwrap_or_default())?;
        for (field, text) in &self.fields {
            at_most(LONGEST, &format!("fields.{field}"), text)?;
        }
        may_speak_for(by, "approver_id", &self.approver_id)
    }

    /// What the answer to a question makes of its ticket.
    fn take(
        &self,
        (by, instead_of): (&Caller, &[String]),
        (ticket, question): (&mut Ticket, &str),
        due_at: i64,
        now: i64,
    ) -> Result<Change> {
        let asked = ticket.pending.as_ref().filter(|asked| asked.id == question);
        let asked = asked.ok_or_else(|| not_asked(ticket, Some(question)))?;
        self.must_fit(asked)?;
        let is_approval = asked.question_type.is_approval();
        let instead_of = match is_approval {
            true => self.approves(by, ticket, asked, instead_of)?,
            false => self.tells(by, ticket, asked)?,
        };
        let vote = Vote {
            by: self.approver_id.clone(),
            instead_of,
            approval: self.approval,
            answer: self.answer.clone(),
            comments: self.comments.clone(),
            at: now,
        };
        let told = response(&vote, asked);
        let asked = ticket.pending.as_mut().ok_or_else(|| Error::bug("an answer to nothing"))?;
        let outcome = asked.take(vote)?;
        let mut change = Change::of("ticket.answer", told);
        change.details = json!({ "approval": self.approval, "approver_id": self.approver_id });
        match outcome {
            Outcome::Open => {}
            Outcome::Approved => {
                let message = self.goes_on(ticket, now)?;
                change.told.push(Told::update(ticket, message));
            }
            Outcome::Denied if is_approval => {
                settle(ticket, false, now);
                ticket.decision = Decision::Denied;
                ticket.summary = self.comments.clone().or_else(|| Some(self.answer.clone()));
                ticket.signal(Signal::Deny, now)?;
                change.told.push(Told::update(ticket, "It was denied"));
            }
            Outcome::Denied => {
                let more = escalated(ticket, due_at, "It could not be done", now)?;
                change.told.extend(more.told);
                change.message = more.message;
            }
        }
        Ok(change)
    }

    /// That nothing is told that nobody asked for.
    fn must_fit(&self, asked: &Interrupt) -> Result<()> {
        let is_asked = |name: &String| match &asked.about {
            About::Fields(names) => names.contains(name),
            About::Ticket | About::Steps(_) => false,
        };
        match self.fields.keys().find(|name| !is_asked(name)) {
            Some(odd) => Err(Error::invalid(&format!("fields.{odd}"), "is not asked for")),
            None => Ok(()),
        }
    }

    /// The question that is answered: the one that is named, or else the one that this person
    /// must mean. Who approves after somebody else has does not mean what is asked next.
    ///
    /// # Errors
    /// `Conflict`, naming who was first.
    fn question(&self, ticket: &Ticket) -> Result<String> {
        if let Some(named) = &self.question_id {
            return Ok(named.clone());
        }
        let asked = ticket.pending.as_ref().ok_or_else(|| not_asked(ticket, None))?;
        let approved =
            ticket.decided.iter().rev().find(|decided| {
                decided.round == ticket.round && decided.question_type.is_approval()
            });
        match approved {
            Some(first) if !asked.is_to(&self.approver_id, &ticket.request.employee_id) => {
                Err(not_asked(ticket, Some(&first.interrupt)))
            }
            _ => Ok(asked.id.clone()),
        }
    }

    /// For whom somebody approves, if for somebody else.
    ///
    /// # Errors
    /// `Forbidden`.
    fn approves(
        &self,
        by: &Caller,
        ticket: &Ticket,
        asked: &Interrupt,
        instead_of: &[String],
    ) -> Result<Option<String>> {
        by.must_hold(&Permissions::of([TICKETS_APPROVE]))?;
        let own = |name: &str| ticket.is_asked_for_by(name);
        if own(&self.approver_id) || person(by).is_some_and(own) {
            let told = "Nobody approves what they asked for themselves";
            return Err(Error::new(Kind::Forbidden, told));
        }
        if asked.asks(&self.approver_id) {
            return Ok(None);
        }
        let others = || instead_of.iter().filter(|name| asked.asks(name) && !own(name));
        let other = others().find(|name| asked.awaits(name)).or_else(|| others().next());
        other.cloned().map(Some).ok_or_else(|| {
            let told = format!("{} is not among those who are asked", self.approver_id);
            Error::new(Kind::Forbidden, told)
        })
    }

    /// That somebody may answer what an employee is asked: they, whom it was given to, or
    /// who may approve.
    fn tells(&self, by: &Caller, ticket: &Ticket, asked: &Interrupt) -> Result<Option<String>> {
        let employee = &ticket.request.employee_id;
        let is_asked = self.approver_id == *employee || asked.approvers.contains(&self.approver_id);
        if is_asked || by.permissions.allow(TICKETS_APPROVE) {
            return Ok(None);
        }
        Err(Error::new(Kind::Forbidden, format!("{} is asked", asked.assignee)))
    }

    /// Has the workflow go on from where it asked; what is told of that.
    fn goes_on(&self, ticket: &mut Ticket, now: i64) -> Result<&'static str> {
        let about = ticket.pending.as_ref().map(|asked| asked.about.clone());
        let about = about.ok_or_else(|| Error::bug("an answer to nothing"))?;
        let told = match about {
            About::Ticket => {
                ticket.decision = Decision::Approved;
                ticket.stage = Stage::Execute;
                "It was approved"
            }
            About::Fields(names) => {
                self.give(ticket, &names)?;
                ticket.stage = Stage::Classify;
                "What was missing is told"
            }
            About::Steps(ids) => {
                let detail = format!("by {}", self.approver_id);
                for id in &ids {
                    if let Some(plan) = &mut ticket.plan {
                        plan.mark(id, StepState::Done, Some(detail.clone()), now);
                    }
                }
                "What was left to do is done"
            }
        };
        settle(ticket, true, now);
        ticket.signal(Signal::Answer, now)?;
        Ok(told)
    }

    /// Takes what was missing: by its name, or the answer itself where it is one thing.
    fn give(&self, ticket: &mut Ticket, names: &[String]) -> Result<()> {
        for name in names {
            let given = match (self.fields.get(name), names) {
                (Some(given), _) => given,
                (None, [_]) => &self.answer,
                (None, _) => "",
            };
            if given.trim().is_empty() {
                return Err(Error::invalid(&format!("fields.{name}"), "is required"));
            }
            ticket.given.insert(name.clone(), given.to_owned());
        }
        Ok(())
    }
}

/// Keeps what was decided, and asks no more.
fn settle(ticket: &mut Ticket, approved: bool, now: i64) {
    if let Some(Interrupt { id, question_type, votes, .. }) = ticket.pending.take() {
        let round = ticket.round;
        let decided = Decided { interrupt: id, question_type, round, approved, votes, at: now };
        ticket.decided.push(decided);
    }
}

/// The answer to who answers what is not asked any more, this question if it is known: who
/// was first, if that ended it.
fn not_asked(ticket: &Ticket, question: Option<&str>) -> Error {
    let decided = match question {
        Some(id) => ticket.decided.iter().find(|decided| decided.interrupt == id),
        None => ticket.decided.last().filter(|_| ticket.status != TicketStatus::Cancelled),
    };
    let who = decided.and_then(|decided| Some((decided.votes.last()?, decided.approved)));
    let told = match (who, &ticket.pending) {
        (Some((vote, true)), _) => format!("{} has answered already: approved", vote.by),
        (Some((vote, false)), _) => format!("{} has answered already: denied", vote.by),
        (None, Some(asked)) => format!("Another question is asked: {}", asked.id),
        (None, None) => format!("The ticket is {}, and nothing is asked", ticket.status.name()),
    };
    Error::new(Kind::Conflict, told)
}

/// What those who watch are told of an answer.
fn response(vote: &Vote, asked: &Interrupt) -> Told {
    let members: Json = json!({
        "approval": vote.approval,
        "approver_id": vote.by,
        "instead_of": vote.instead_of,
        "answer": vote.answer,
        "comments": vote.comments,
        "question_id": asked.id,
    });
    Told::of("hil_response", members)
}
