//! How far an event has come: what was done of its plan, kept on its row between the
//! attempts, so that nothing is done twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::Value;

use super::client::Pega;
use super::decision::{Plan, PlannedStep};
use super::event::Event;
use super::rules::Effect;
use crate::outlets::{Call, Made};

/// What was done of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// When Pega took the note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerted: Option<i64>,
    /// The steps that were done, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, Made>,
}

/// What is to be done next, one thing an attempt: a call to somebody outside, or a message
/// to them, which is written.
pub(super) enum Next<'a> {
    /// The note on the case.
    Alert(&'a Pega, &'a str),
    /// A step over a connection.
    Call(&'a PlannedStep, &'a Call),
    /// A step that somebody is told of.
    HandOver(&'a PlannedStep),
}

impl Progress {
    /// What stands on an event's row.
    pub fn of(event: &Event) -> Result<Self> {
        let text = event.progress.as_deref();
        text.map_or(Ok(Self::default()), |text| serde_json::from_str(text).map_err(Error::internal))
    }

    /// As it is kept; nothing, when nothing was done yet.
    pub fn kept(&self) -> Result<Vec<(&'static str, Value)>> {
        if *self == Self::default() {
            return Ok(Vec::new());
        }
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        Ok(vec![("progress", text.into())])
    }

    /// What is to be done next: the note, if there is a Pega, and what else is to be done
    /// unless a person has to decide first.
    pub fn next<'a>(
        &self,
        plan: &'a Plan,
        pega: Option<&'a Pega>,
        goes_on: bool,
    ) -> Option<Next<'a>> {
        if let (Some(pega), Some(alert), None) = (pega, plan.alert(), self.alerted) {
            return Some(Next::Alert(pega, alert));
        }
        let mut left = plan.steps.iter().filter(|step| !self.steps.contains_key(&step.name));
        left.find_map(|step| match &step.effect {
            _ if !goes_on => None,
            Some(Effect::Call(call)) => Some(Next::Call(step, call)),
            Some(Effect::Webhook(_) | Effect::Notice(_)) => Some(Next::HandOver(step)),
            Some(Effect::Checklist(_)) | None => None,
        })
    }
}
