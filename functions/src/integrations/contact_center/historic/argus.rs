//! What was, in the words of Argus's protocol: bare arrays, by whom it is of.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::super::records::{AgentCall, AgentLogin, AgentStatus, GroupMetrics};
use super::chats::Work;
use super::walk::Told;

/// A group's contacts by interval.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusServiceGroup {
    pub(crate) service_id: String,
    pub(crate) group_id: String,
    pub(crate) historic_data: Vec<ArgusInterval>,
}

/// Contacts over an interval.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusInterval {
    pub(crate) start_interval: String,
    pub(crate) end_interval: String,
    pub(crate) not_unique_received: i64,
    pub(crate) not_unique_treated: i64,
    pub(crate) not_unique_missed: i64,
    pub(crate) received_calls: i64,
    pub(crate) treated_calls: i64,
    pub(crate) miss_calls: i64,
    pub(crate) aht: i64,
    pub(crate) post_processing: i64,
}

/// An agent's statuses, in a group or in none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusAgentStatus {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group_id: Option<String>,
    pub(crate) agent_id: String,
    pub(crate) states: Vec<ArgusState>,
}

/// A stretch in a status.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusState {
    pub(crate) start_date: String,
    /// None while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_date: Option<String>,
    pub(crate) state_code: String,
    pub(crate) state_name: String,
}

/// An agent's times of being signed in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusAgentLogins {
    pub(crate) agent_id: String,
    pub(crate) logins: Vec<ArgusLogin>,
}

/// A time of being signed in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusLogin {
    pub(crate) login_date: String,
    /// None, and no duration, while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) logout_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) duration: Option<i64>,
}

/// An agent's contacts in a group.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusAgentCalls {
    pub(crate) agent_id: String,
    pub(crate) service_id: String,
    pub(crate) group_id: String,
    pub(crate) agent_calls: Vec<ArgusCall>,
}

/// A contact.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusCall {
    pub(crate) start_call: String,
    pub(crate) end_call: String,
    pub(crate) duration: i64,
}

/// An agent's day with chats.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusChatDay {
    pub(crate) agent_id: String,
    #[schema(format = "date")]
    pub(crate) work_date: String,
    pub(crate) work_time: i64,
}

/// Items put together by whom they are of, in the order of the first of each.
fn by<K, T, G>(
    items: Vec<T>,
    whose: impl Fn(&T) -> K,
    new: impl Fn(&K) -> G,
    add: impl Fn(&mut G, T),
) -> Vec<G>
where
    K: Eq + Hash,
{
    let (mut groups, mut places) = (Vec::<G>::new(), HashMap::<K, usize>::new());
    for item in items {
        let key = whose(&item);
        let at = match places.get(&key) {
            Some(at) => *at,
            None => {
                groups.push(new(&key));
                places.insert(key, groups.len() - 1);
                groups.len() - 1
            }
        };
        if let Some(group) = groups.get_mut(at) {
            add(group, item);
        }
    }
    groups
}

pub(super) fn groups(items: Vec<Told<GroupMetrics>>) -> Vec<ArgusServiceGroup> {
    by(
        items,
        |told| (told.what.service.clone(), told.what.group.clone()),
        |(service_id, group_id)| ArgusServiceGroup {
            service_id: service_id.clone(),
            group_id: group_id.clone(),
            historic_data: Vec::new(),
        },
        |group, Told { what: of, .. }| {
            group.historic_data.push(ArgusInterval {
                start_interval: to_the_second(of.start),
                end_interval: to_the_second(of.end),
                not_unique_received: of.not_unique_received,
                not_unique_treated: of.not_unique_treated,
                not_unique_missed: of.not_unique_missed,
                received_calls: of.received_calls,
                treated_calls: of.treated_calls,
                miss_calls: of.miss_calls,
                aht: of.aht,
                post_processing: of.post_processing,
            });
        },
    )
}

/// Statuses that go on have no end to tell, and are left out.
pub(super) fn statuses(items: Vec<Told<AgentStatus>>) -> Vec<ArgusAgentStatus> {
    let ended = items.into_iter().filter(|told| told.what.end.is_some()).collect();
    by(
        ended,
        |Told { what: of, .. }| (of.agent.clone(), of.service.clone(), of.group.clone()),
        |(agent_id, service_id, group_id)| ArgusAgentStatus {
            service_id: service_id.clone(),
            group_id: group_id.clone(),
            agent_id: agent_id.clone(),
            states: Vec::new(),
        },
        |agent, Told { what: of, .. }| {
            agent.states.push(ArgusState {
                start_date: to_the_second(of.start),
                end_date: Some(to_the_second(of.end.unwrap_or(of.start))),
                state_code: of.state_code,
                state_name: of.state_name,
            });
        },
    )
}

pub(super) fn logins(items: Vec<Told<AgentLogin>>) -> Vec<ArgusAgentLogins> {
    by(
        items,
        |told| told.what.agent.clone(),
        |agent_id| ArgusAgentLogins { agent_id: agent_id.clone(), logins: Vec::new() },
        |agent, Told { what: of, .. }| {
            agent.logins.push(ArgusLogin {
                login_date: to_the_second(of.login),
                logout_date: Some(to_the_second(of.logout)),
                duration: Some(of.logout - of.login),
            });
        },
    )
}

pub(super) fn calls(items: Vec<Told<AgentCall>>) -> Vec<ArgusAgentCalls> {
    by(
        items,
        |Told { what: of, .. }| (of.agent.clone(), of.service.clone(), of.group.clone()),
        |(agent_id, service_id, group_id)| ArgusAgentCalls {
            agent_id: agent_id.clone(),
            service_id: service_id.clone(),
            group_id: group_id.clone(),
            agent_calls: Vec::new(),
        },
        |agent, Told { what: of, .. }| {
            agent.agent_calls.push(ArgusCall {
                start_call: to_the_second(of.start),
                end_call: to_the_second(of.end),
                duration: of.end - of.start,
            });
        },
    )
}

pub(super) fn chats(items: Vec<Told<(Date, Work)>>) -> Vec<ArgusChatDay> {
    let days = items.into_iter().map(|told| ArgusChatDay {
        agent_id: told.who,
        work_date: told.what.0.to_string(),
        work_time: told.what.1.time,
    });
    days.collect()
}
