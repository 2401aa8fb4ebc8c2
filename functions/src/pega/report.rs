//! The `processing_result` of an event, in the shapes of the contract. Written
//! once, when the event is settled, and kept as text.

use serde::ser::{SerializeMap, Serializer};
use serde_json::json;
use shared::error::{Error, Result};

use super::decision::Plan;

/// The result of an event that was worked through. The line that an alert was
/// sent stands in it only when Pega has taken the note.
pub(super) fn processed(event: &str, plan: &Plan, alerted: bool) -> Result<String> {
    let mut actions = Vec::new();
    actions.extend(plan.score.map(|score| format!("Risk analysis completed. Score: {score}")));
    if alerted {
        actions.push("Risk alert sent to Pega".to_owned());
    }
    actions.extend(plan.actions.iter().cloned());
    let mut text = Vec::new();
    let mut json = serde_json::Serializer::new(&mut text);
    let mut map = json.serialize_map(None).map_err(Error::internal)?;
    map.serialize_entry("status", "processed").map_err(Error::internal)?;
    map.serialize_entry("event_type", event).map_err(Error::internal)?;
    map.serialize_entry("actions_taken", &actions).map_err(Error::internal)?;
    for (name, value) in &plan.facts {
        map.serialize_entry(name, value).map_err(Error::internal)?;
    }
    map.end().map_err(Error::internal)?;
    String::from_utf8(text).map_err(Error::internal)
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
