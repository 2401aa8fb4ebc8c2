//! Who does the steps of an event: a checklist of our own, or somebody else.

use serde_json::{Value as Json, json};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Failure, Record, Row};
use shared::table::{Cond, Item, Read, Table};

use super::checklists::{Checklist, made_of};
use super::decision::PlannedStep;
use super::event::events_table;
use super::matter::Matter;
use super::rules::{Effect, ListOfItems};
use crate::messages::catalogue::PEGA_STEP_REQUESTED;
use crate::outlets::{Call, Errand, How, InWriting, Made, Outlets};

/// The longest payload that a message repeats, in bytes.
const LONGEST_PAYLOAD: usize = 64 * 1024;

/// All who can do something.
pub(super) struct Steps {
    events: Table,
    outlets: Outlets,
    clock: Clock,
}

impl Steps {
    /// Needs the tables `events`, `messages`, `integrations` and `control`, the vault, and
    /// the queues of deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        let (events, outlets) = (events_table(env)?, Outlets::load(env)?);
        Ok(Self { events, outlets, clock: env.clock() })
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
        let errand = errand(matter, step, LONGEST_PAYLOAD)?;
        match &step.effect {
            Some(Effect::Webhook(webhook)) => self.outlets.tell(&errand, webhook).await,
            Some(Effect::Notice(notice)) => self.outlets.notify(&errand, notice).await,
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

    /// Calls the system that does a step, under the claim of its event.
    pub async fn call(
        &self,
        matter: &Matter<'_>,
        step: &PlannedStep,
        call: &Call,
        claim: &Claim,
    ) -> Result<Made, Failure> {
        let errand = errand(matter, step, usize::MAX)?;
        self.outlets.call(&errand, call, claim).await
    }
}

/// A step for somebody else, who is told a payload that is not longer than this.
fn errand<'a>(matter: &'a Matter<'_>, step: &'a PlannedStep, longest: usize) -> Result<Errand<'a>> {
    let (event, run) = (matter.event, matter.event.job().run);
    Ok(Errand {
        tenant: event.tenant()?,
        name: &step.name,
        message: PEGA_STEP_REQUESTED,
        told: told(matter, step, longest),
        fields: &matter.payload,
        subject: &step.to_do,
        text: format!("Event {} ({}), case {}", event.id(), event.event, event.case_id),
        // Once, unless a person has all of it done again.
        dedup_key: format!("{}#{}#{run}", event.pk, step.name),
        at: event.received_at,
    })
}

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
