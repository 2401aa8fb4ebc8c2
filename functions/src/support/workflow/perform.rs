//! How a step of a plan is done without a person: by a webhook, people who are told, a system
//! behind a connection, or Pega.

use serde_json::{Map, Value as Json, json};
use shared::env::Env;
use shared::error::Result;
use shared::idempotency::IdempotencyKey;
use shared::jobs::{Claim, Failure, Record};
use shared::web::Caller;

use super::plan::Step;
use crate::fill::{fill_strictly, fill_whole};
use crate::messages::catalogue::TICKET_STEP_REQUESTED;
use crate::outlets::{Errand, How, InWriting, Made, Outlets};
use crate::pega::{PegaRequests, Wish};
use crate::support::policies::{Effect, PegaCase, PegaNote};
use crate::support::tickets::Ticket;

/// All who can do something.
pub(super) struct Performers {
    outlets: Outlets,
    pega: PegaRequests,
}

/// What was done, and what is to be written with that.
pub(super) struct Performed {
    pub detail: String,
    pub record: Record,
    /// Whether it has happened, whatever is written.
    pub has_happened: bool,
}

impl Performers {
    /// Needs what outlets and requests to Pega need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { outlets: Outlets::load(env)?, pega: PegaRequests::load(env)? })
    }

    /// Does a step of a ticket, under the claim of its workflow. However often it is tried,
    /// the other side is told the same key.
    ///
    /// # Errors
    /// A failure that names the step; a permanent one when it cannot be done so.
    pub async fn perform(
        &self,
        ticket: &Ticket,
        step: &Step,
        effect: &Effect,
        claim: &Claim,
    ) -> Result<Performed, Failure> {
        let fields = ticket.fields();
        // What is done again after it was opened again is another thing to be done.
        let name = match ticket.round {
            1 => step.step_id.clone(),
            round => format!("{} ({round})", step.step_id),
        };
        let errand = Errand {
            tenant: ticket.tenant()?,
            name: &name,
            message: TICKET_STEP_REQUESTED,
            told: told(ticket, step, &fields),
            fields: &fields,
            subject: &step.description,
            text: format!("Ticket {}: {}", ticket.ticket_id, ticket.request.title),
            dedup_key: format!("{}#{name}", ticket.ticket_id),
            at: ticket.created_at,
        };
        match effect {
            Effect::Webhook(webhook) => self.outlets.tell(&errand, webhook).await.map(in_writing),
            Effect::Notice(notice) => self.outlets.notify(&errand, notice).await.map(in_writing),
            Effect::Call(call) => {
                let made = self.outlets.call(&errand, call, claim).await?;
                Ok(happened(detail(made)))
            }
            Effect::PegaNote(PegaNote { case_id, text }) => {
                let filled = |text: &str| fill_strictly(text, &fields);
                let (case_id, text) = (filled(case_id)?, filled(text)?);
                self.ask_pega(ticket, &name, Wish::Note { case_id, text }).await
            }
            Effect::PegaCase(PegaCase { case_type, content }) => {
                let content = match fill_whole(&Json::Object(content.clone()), &fields) {
                    Json::Object(content) => content,
                    _ => Map::new(),
                };
                let case_type = case_type.clone();
                self.ask_pega(ticket, &name, Wish::Case { case_type, content }).await
            }
        }
    }

    /// Hands a request over to those that wait for Pega: once under one key.
    async fn ask_pega(
        &self,
        ticket: &Ticket,
        name: &str,
        wish: Wish,
    ) -> Result<Performed, Failure> {
        let value = format!("{}#{name}", ticket.ticket_id);
        let key = IdempotencyKey { sender: "support".to_owned(), place: "ticket", value };
        let by = Caller::system(&ticket.tenant()?);
        let id = self.pega.hand_over(&by, wish, key).await.map_err(|error| match error.cause {
            // That there is no Pega will not pass by itself.
            None => Failure::permanent(error.detail),
            Some(_) => Failure::from(error),
        })?;
        Ok(happened(format!("handed over as Pega request {id}")))
    }
}

fn in_writing(done: InWriting) -> Performed {
    Performed { detail: detail(done.made), record: done.record, has_happened: false }
}

fn happened(detail: String) -> Performed {
    Performed { detail, record: Record::default(), has_happened: true }
}

fn detail(made: Made) -> String {
    let how = match made.how {
        How::Done => "done",
        How::HandedOver => "handed over",
    };
    match made.detail {
        Some(detail) => format!("{how}: {detail}"),
        None => how.to_owned(),
    }
}

/// What somebody is told who is to do a step.
fn told(ticket: &Ticket, step: &Step, fields: &Map<String, Json>) -> Json {
    json!({
        "ticket_id": ticket.ticket_id,
        "step": step.step_id,
        "text": step.description,
        "employee_id": ticket.request.employee_id,
        "request": fields,
    })
}
