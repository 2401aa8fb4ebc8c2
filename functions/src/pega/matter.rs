//! An event on its way: what the rules say of it, how far it has come, and whether a
//! person decided.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};

use super::client::Pega;
use super::decision::{Decision, Plan, decide};
use super::event::Event;
use super::progress::{Next, Progress};
use super::rules::Rules;
use super::ruling::{Ruling, Verdict};
use crate::fill::in_sentence;
use crate::rule_book::Held;

/// An event and all that it takes to say what comes next.
pub(super) struct Matter<'a> {
    pub event: &'a Event,
    pub payload: Map<String, Json>,
    pub held: Arc<Held<Rules>>,
    pub decision: Decision,
    pub progress: Progress,
    pub ruling: Option<Ruling>,
    /// Where a note is put, if it has one and there is a Pega.
    pub pega: Option<Pega>,
}

impl<'a> Matter<'a> {
    /// Of an event with this payload, by these rules.
    pub fn of(event: &'a Event, payload: &str, held: Arc<Held<Rules>>) -> Result<Self> {
        let payload: Json = serde_json::from_str(payload).map_err(Error::internal)?;
        let Json::Object(payload) = payload else {
            return Err(Error::bug("a payload is no object"));
        };
        let decision = decide(&held.rules, &event.event, &payload);
        let (progress, ruling) = (Progress::of(event)?, Ruling::of(event)?);
        Ok(Self { event, payload, held, decision, progress, ruling, pega: None })
    }

    /// What the event says there, as text; none when it says nothing.
    pub fn text(&self, field: &str) -> Option<String> {
        let value = self.payload.get(field).filter(|value| !value.is_null());
        value.map(|value| in_sentence(Some(value)))
    }

    /// Whether it has a note for Pega that was not sent.
    pub fn has_alert(&self) -> bool {
        let plan = self.plan();
        plan.is_some_and(|plan| plan.alert().is_some()) && self.progress.alerted.is_none()
    }

    /// Whether it waits for a person.
    pub fn awaits_ruling(&self) -> bool {
        self.plan().is_some_and(Plan::must_decide) && self.ruling.is_none()
    }

    /// Whether a person said no.
    pub fn is_rejected(&self) -> bool {
        self.ruling.as_ref().is_some_and(|ruling| ruling.decision == Verdict::Reject)
    }

    /// What is to be done next, before the event can end.
    pub fn next(&self) -> Option<Next<'_>> {
        let goes_on = !self.awaits_ruling() && !self.is_rejected();
        self.progress.next(self.plan()?, self.pega.as_ref(), goes_on)
    }

    /// What follows from it; none when nobody works through events of its type.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.decision {
            Decision::Process(plan) => Some(plan),
            Decision::Ignore => None,
        }
    }
}
