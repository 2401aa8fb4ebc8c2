//! `/online/*`: what is now.

use serde::Serialize;
use serde_json::{Value, json};

use super::query::{Asked, Refusal};
use super::state::Known;

/// The load of a group at this moment and since the start of the day.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupLoad {
    /// Contacts in the queue.
    pub call_number: i64,
    /// Agents at work in the group, or waiting for contacts.
    pub operator_number: i64,
    /// Contacts received since the start of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_received: Option<i64>,
    /// How long contacts are talked on the average, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aht: Option<i64>,
    /// How many of the contacts were answered, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acd: Option<f64>,
    /// How long contacts wait on the average, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awt: Option<i64>,
    /// Contacts answered since the start of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_answered: Option<i64>,
    /// Contacts answered in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_answered_tst: Option<i64>,
    /// Contacts that agents are working on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_processing: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Load<'a> {
    service_id: &'a str,
    group_id: &'a str,
    #[serde(flatten)]
    load: &'a GroupLoad,
}

/// `agentStatus`: the current state of everybody who is in one.
pub(super) fn agent_status(known: &Known, asked: &Asked) -> Result<Vec<Value>, Refusal> {
    asked.only(&[])?;
    let current = known
        .states
        .values()
        .filter_map(|states| states.iter().rev().find(|state| state.end.is_none()));
    let told = current.map(|state| {
        json!({"agentId": state.agent, "stateCode": state.code, "stateName": state.name,
            "startDate": state.start})
    });
    Ok(told.collect())
}

/// `groupsOnlineLoad`.
pub(super) fn groups_online_load(known: &Known, asked: &Asked) -> Result<Vec<Value>, Refusal> {
    asked.only(&["groupId"])?;
    let told = asked.ids("groupId")?.into_iter().filter_map(|group_id| {
        let load = known.loads.get(group_id)?;
        let service_id = known.service_of(group_id);
        serde_json::to_value(Load { service_id, group_id, load }).ok()
    });
    Ok(told.collect())
}
