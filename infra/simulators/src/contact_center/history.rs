//! `/historic/*` of agents: states, logins and contacts.

use std::collections::{BTreeMap, HashMap};

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::query::{Asked, Refusal};
use super::records::{By, State};
use super::state::Known;

const OF_AGENTS: [&str; 3] = ["startDate", "endDate", "agentId"];

/// `agentStatusData`: states that begin or end in the period, by agent and group.
pub(super) fn agent_status_data(known: &Known, asked: &Asked) -> Result<Vec<Value>, Refusal> {
    asked.only(&OF_AGENTS)?;
    let (period, mut told) = (asked.period()?, Vec::new());
    for agent in asked.ids("agentId")? {
        let mut by_group = BTreeMap::<Option<&str>, Vec<Value>>::new();
        for state in known.states.get(agent).into_iter().flatten() {
            // One that goes on has no end to tell.
            let Some(end) = state.end.filter(|end| period.touches(state.start, *end)) else {
                continue;
            };
            let row = json!({"startDate": state.start, "endDate": end, "stateCode": state.code,
                "stateName": state.name});
            for group in groups_of(known, state) {
                by_group.entry(group).or_default().push(row.clone());
            }
        }
        told.extend(by_group.into_iter().map(|(group, states)| match group {
            None => json!({"agentId": agent, "states": states}),
            Some(group) => json!({"serviceId": known.service_of(group), "groupId": group,
                "agentId": agent, "states": states}),
        }));
    }
    Ok(told)
}

/// The groups for which a state is told.
fn groups_of<'a>(known: &'a Known, state: &'a State) -> Vec<Option<&'a str>> {
    if let Some(group) = &state.group {
        return vec![Some(group)];
    }
    let groups = known.agents.get(&state.agent).map_or(&[][..], |agent| agent.groups.as_slice());
    if known.habits.states_without_group || groups.is_empty() {
        return vec![None];
    }
    groups.iter().map(|group| Some(group.as_str())).collect()
}

/// `agentLoginData`: sessions that begin or end in the period, in full.
pub(super) fn agent_login_data(known: &Known, asked: &Asked) -> Result<Vec<Value>, Refusal> {
    asked.only(&OF_AGENTS)?;
    let (period, mut told) = (asked.period()?, Vec::new());
    for agent in asked.ids("agentId")? {
        let all = known.logins.get(agent).into_iter().flatten();
        let logins: Vec<Value> = all
            .filter(|login| period.touches(login.start, login.end))
            .map(|login| {
                json!({"loginDate": login.start, "logoutDate": login.end,
                    "duration": login.end.as_millisecond() - login.start.as_millisecond()})
            })
            .collect();
        if !logins.is_empty() {
            told.push(json!({"agentId": agent, "logins": logins}));
        }
    }
    Ok(told)
}

/// `agentCallsData`: contacts that an agent began to work on in the period, by group.
pub(super) fn agent_calls_data(known: &Known, asked: &Asked) -> Result<Vec<Value>, Refusal> {
    asked.only(&OF_AGENTS)?;
    let (period, agents) = (asked.period()?, asked.ids("agentId")?);
    let place: HashMap<&str, usize> = agents.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut calls = BTreeMap::<(usize, &str), Vec<Value>>::new();
    for (group, contacts) in &known.contacts {
        for contact in contacts {
            let By::Agent(agent) = &contact.by else { continue };
            let start = contact.start + SignedDuration::from_millis(contact.wait);
            if let Some(at) = place.get(agent.as_str()).filter(|_| period.has(start)) {
                let duration = contact.handling();
                let end = start + SignedDuration::from_millis(duration);
                let call = json!({"startCall": start, "endCall": end, "duration": duration});
                calls.entry((*at, group)).or_default().push(call);
            }
        }
    }
    let told = calls.into_iter().map(|((at, group), calls)| {
        json!({"agentId": agents[at], "serviceId": known.service_of(group), "groupId": group,
            "agentCalls": calls})
    });
    Ok(told.collect())
}
