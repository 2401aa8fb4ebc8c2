//! The `processing_result` of an event, in the shapes of the contract. Written
//! once, when the event is settled, and kept as text.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;
use shared::error::{Error, Result};

use super::decision::{Plan, PlannedStep};
use super::matter::Matter;
use super::progress::Progress;
use super::rules::Explained;
use super::ruling::Ruling;
use crate::outlets::{How, Made};

/// What an event has come to, in the order in which it is told.
struct Told<'a> {
    status: &'a str,
    matter: &'a Matter<'a>,
    plan: &'a Plan,
}

/// How a step of an event stands.
#[derive(Debug, Serialize)]
struct Step<'a> {
    name: &'a str,
    /// `to_do`, `handed_over` or `done`.
    status: &'static str,
    text: String,
    /// What came of it: a checklist's id, a status that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

/// The result of an event that was worked through, was rejected, or waits for a person.
/// Among the actions taken stands what has happened and nothing else.
pub(super) fn of(status: &str, matter: &Matter<'_>, plan: &Plan) -> Result<String> {
    serde_json::to_string(&Told { status, matter, plan }).map_err(Error::internal)
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { status, matter, plan } = self;
        let progress = &matter.progress;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", status)?;
        map.serialize_entry("event_type", &matter.event.event)?;
        map.serialize_entry("actions_taken", &actions(plan, progress))?;
        for (name, value) in &plan.facts {
            map.serialize_entry(name, value)?;
        }
        let steps: Vec<_> = plan.steps.iter().map(|step| shown(step, progress)).collect();
        map.serialize_entry("steps", &steps)?;
        let explained: Option<&Explained> =
            plan.risk.as_ref().and_then(|risk| risk.explained.as_ref());
        if let Some(explained) = explained {
            map.serialize_entry("risk", explained)?;
        }
        let ruling: Option<&Ruling> = matter.ruling.as_ref();
        if let Some(ruling) = ruling {
            map.serialize_entry("decision", &ruling.shown())?;
        }
        map.end()
    }
}

/// The lines of what has happened.
fn actions(plan: &Plan, progress: &Progress) -> Vec<String> {
    let score = plan.risk.as_ref().map(|risk| risk.score);
    let risk = score.map(|score| format!("Risk analysis completed. Score: {score}"));
    let alert = progress.alerted.map(|_| "Risk alert sent to Pega".to_owned());
    let made = plan.steps.iter().filter_map(|step| Some((step, progress.steps.get(&step.name)?)));
    risk.into_iter().chain(alert).chain(made.map(|(step, made)| line(step, made))).collect()
}

fn line(step: &PlannedStep, made: &Made) -> String {
    match made.how {
        How::Done => step.done.clone(),
        How::HandedOver => format!(
            "{}: handed over to {}",
            step.to_do,
            made.detail.as_deref().unwrap_or("somebody else")
        ),
    }
}

fn shown<'a>(step: &'a PlannedStep, progress: &'a Progress) -> Step<'a> {
    let made = progress.steps.get(&step.name);
    let (status, text) = match made.map(|made| made.how) {
        None => ("to_do", step.to_do.clone()),
        Some(How::HandedOver) => ("handed_over", step.to_do.clone()),
        Some(How::Done) => ("done", step.done.clone()),
    };
    Step { name: &step.name, status, text, detail: made.and_then(|made| made.detail.as_deref()) }
}

/// The result of an event of a type that nobody works through.
pub(super) fn ignored(event: &str) -> String {
    let message = format!("No processor found for event type: {event}");
    told("ignored", &message)
}

/// The result of an event that failed for good.
pub(super) fn failed(reason: &str) -> String {
    told("error", reason)
}

fn told(status: &str, message: &str) -> String {
    // Written by hand for its order; each part is JSON by itself.
    format!(r#"{{"status":{},"message":{}}}"#, json!(status), json!(message))
}
