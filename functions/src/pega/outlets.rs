//! Who does the steps of an event: checklists of our own, webhooks, and systems behind
//! connections. What can be written is written with the event's end; a call is an effect
//! of its own.

use serde_json::{Value as Json, json};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Failure, Record, Row};
use shared::outbound::Method;
use shared::table::{Cond, Item, Read, Table};
use shared::web::path_segment;

use super::checklists::{Checklist, made_of};
use super::decision::PlannedStep;
use super::event::events_table;
use super::matter::Matter;
use super::progress::{How, Made};
use super::rules::{Call, Effect, ListOfItems, Notice, Webhook};
use super::step_call::{Known, StepCall, Unknown};
use crate::fill::{fill_whole, fill_with};
use crate::integrations::connections::client::{Connectors, Request};
use crate::messages::Emitter;
use crate::messages::catalogue::PEGA_STEP_REQUESTED;
use crate::notifications::{Note, Notifier};

/// The longest payload that a message repeats, in bytes.
const LONGEST_PAYLOAD: usize = 64 * 1024;

/// All who can do something.
pub(super) struct Outlets {
    events: Table,
    connectors: Connectors,
    emitter: Emitter,
    notifier: Notifier,
    clock: Clock,
}

/// A step that is done in writing, and what is to be written for it.
pub(super) struct InWriting {
    pub made: Made,
    pub record: Record,
}

impl Outlets {
    /// Needs the tables `events`, `messages`, `integrations` and `control`, the vault, and
    /// the queues of deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            events: events_table(env)?,
            connectors: Connectors::load(env)?,
            emitter: Emitter::load(env)?,
            notifier: Notifier::load(env)?,
            clock: env.clock(),
        })
    }

    /// Puts a step on its way to whoever does it.
    ///
    /// # Errors
    /// A permanent failure when they cannot.
    pub async fn hand_over(
        &self,
        matter: &Matter<'_>,
        step: &PlannedStep,
    ) -> Result<InWriting, Failure> {
        match &step.effect {
            Some(Effect::Webhook(webhook)) => self.tell(matter, step, webhook).await,
            Some(Effect::Notice(notice)) => self.notify(matter, step, notice).await,
            _ => Err(Error::bug("a step that is handed over to nobody").into()),
        }
    }

    /// Makes a checklist, unless an earlier time made it.
    pub async fn make_list(
        &self,
        matter: &Matter<'_>,
        step: &PlannedStep,
        list: &ListOfItems,
    ) -> Result<InWriting> {
        let (event, now) = (matter.event, self.clock.now_ms());
        let list = made_of(event, &step.name, list, matter.text("employeeId"), now)?;
        let there: Option<Checklist> = self.events.get(&list.key(), Read::Consistent).await?;
        let also = match there {
            Some(_) => Vec::new(),
            None => vec![self.events.put(Item::of(&list)?, Some(Cond::Absent("pk")))],
        };
        let made = Made { how: How::Done, at: now, detail: Some(list.id().to_owned()) };
        Ok(InWriting { made, record: Record { also, ..Record::default() } })
    }

    /// Puts the step on its way to a webhook.
    async fn tell(
        &self,
        matter: &Matter<'_>,
        step: &PlannedStep,
        webhook: &Webhook,
    ) -> Result<InWriting, Failure> {
        let tenant = matter.event.tenant()?;
        let told = told(matter, step, LONGEST_PAYLOAD);
        let emission =
            self.emitter.to_one(&tenant, PEGA_STEP_REQUESTED, &told, &webhook.id).await?;
        let emission = emission.ok_or_else(|| {
            let reason = format!("webhook {} is not there, or not active", webhook.id);
            of_step(step, Failure::permanent(reason))
        })?;
        let detail = Some(format!("webhook {}", webhook.id));
        let made = Made { how: How::HandedOver, at: self.clock.now_ms(), detail };
        Ok(InWriting { made, record: self.emitter.record(emission) })
    }

    /// Puts the step on its way to people.
    async fn notify(
        &self,
        matter: &Matter<'_>,
        step: &PlannedStep,
        notice: &Notice,
    ) -> Result<InWriting, Failure> {
        let (event, now) = (matter.event, self.clock.now_ms());
        let text = format!("Event {} ({}), case {}", event.id(), event.event, event.case_id);
        let run = event.job().run;
        let note = Note {
            source: PEGA_STEP_REQUESTED.0,
            severity: notice.severity,
            subject: &step.to_do,
            text: &text,
            target_id: &notice.target,
            // Once, unless a person has all of it done again.
            dedup_key: &format!("{}#{}#{run}", event.pk, step.name),
            at: event.received_at,
        };
        let prepared = self.notifier.prepare(&event.tenant()?, &note).await;
        let mut prepared = prepared.map_err(|error| of_step(step, error.into()))?;
        let also = prepared.take_writes();
        let detail = Some(format!("notification target {}", notice.target));
        let made = Made { how: How::HandedOver, at: now, detail };
        let record = Record { also, tell: prepared.unsent(), ..Record::default() };
        Ok(InWriting { made, record })
    }

    /// Calls the system that does a step, under the claim of its event.
    pub async fn call(
        &self,
        matter: &Matter<'_>,
        step: &PlannedStep,
        call: &Call,
        claim: &Claim,
    ) -> Result<Made, Failure> {
        let opened = self.connectors.open(&matter.event.tenant()?, &call.connection).await;
        let connector = opened.map_err(|error| of_step(step, error.into()))?;
        let path = path(call, matter).map_err(|error| of_step(step, error.into()))?;
        let body = match &call.body {
            Some(body) => fill_whole(&Json::Object(body.clone()), &matter.payload),
            None => told(matter, step, usize::MAX),
        };
        let method = Method::from_bytes(call.method.as_bytes()).map_err(Error::internal)?;
        let request = Request::new(method, &path).json(body).once();
        let claim = claim.of_part(&step.name);
        let step_call = StepCall { connector: &connector, request };
        let done = match call.repeat.unwrap_or(true) {
            true => claim.perform(&Known(step_call)).await,
            false => claim.perform(&Unknown(step_call)).await,
        };
        let status = done.map_err(|failure| of_step(step, failure))?;
        let detail = Some(format!("HTTP {status}"));
        Ok(Made { how: How::Done, at: self.clock.now_ms(), detail })
    }
}

/// The path of a call, of which each part that is filled in is a segment of its own.
///
/// # Errors
/// `Invalid`, naming the event's member, when it is missing, no text or number, or would lead
/// elsewhere.
fn path(call: &Call, matter: &Matter<'_>) -> Result<String> {
    let mut wrong = None;
    let path = fill_with(&call.path, |field| {
        let text = match matter.payload.get(field) {
            Some(Json::String(text)) => text.clone(),
            Some(Json::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        path_segment(field, &text).unwrap_or_else(|error| {
            wrong.get_or_insert(error);
            String::new()
        })
    });
    wrong.map_or(Ok(path), Err)
}

/// What somebody is told who is to do a step, with a payload that is not longer than this.
fn told(matter: &Matter<'_>, step: &PlannedStep, longest: usize) -> Json {
    let payload = Some(&matter.payload);
    let payload = payload.filter(|payload| json!(payload).to_string().len() <= longest);
    json!({
        "event_id": matter.event.id(),
        "event": matter.event.event,
        "case_id": matter.event.case_id,
        "step": step.name,
        "text": step.to_do,
        "employee_id": matter.text("employeeId"),
        "payload": payload,
    })
}

fn of_step(step: &PlannedStep, failure: Failure) -> Failure {
    Failure { reason: format!("step {}: {}", step.name, failure.reason), ..failure }
}
