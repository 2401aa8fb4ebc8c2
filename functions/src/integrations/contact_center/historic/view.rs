//! What was, as each style tells it.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value as Json, json};
use shared::web::{to_the_millisecond, to_the_second};
use utoipa::ToSchema;

use super::super::records::{AgentCall, AgentLogin, AgentStatus, GroupMetrics};
use super::ask::Asked;
use super::chats::Work;
use super::walk::{Told, Walked};
use crate::integrations::answer::percentage;

/// What every answer about a period says beside its items.
#[derive(Debug, Serialize, ToSchema)]
pub struct Historic {
    /// How many items there are in this answer.
    total_count: usize,
    /// What was asked for.
    #[schema(value_type = Object)]
    parameters: Json,
    timestamp: String,
    /// Where the next page begins; only where pages were asked for, and not on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Historic {
    pub(super) fn of<T>(asked: &Asked, walked: &Walked<T>, now: i64) -> Self {
        let mut parameters = json!({
            "start_date": to_the_second(asked.from),
            "end_date": to_the_second(asked.to),
            "service_groups": asked.groups,
            "agents": asked.agents,
        });
        if asked.has_intervals {
            parameters["interval_minutes"] = json!(asked.step / 60_000);
        }
        Self {
            total_count: walked.items.len(),
            parameters,
            timestamp: to_the_millisecond(now),
            next_cursor: walked.next.as_ref().map(super::cursor::Cursor::text),
        }
    }
}

/// Contacts of a group over an interval.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceGroupItem {
    service_id: String,
    group_id: String,
    interval_start: String,
    interval_end: String,
    metrics: ServiceGroupNumbers,
}

/// Their numbers. Times are milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceGroupNumbers {
    not_unique_received: i64,
    not_unique_treated: i64,
    not_unique_missed: i64,
    received_calls: i64,
    treated_calls: i64,
    miss_calls: i64,
    aht: i64,
    post_processing: i64,
    /// Contacts that were treated, in percent of those received.
    service_level: f64,
    /// Contacts that were missed, in percent of those received.
    abandonment_rate: f64,
    /// How much of the interval one agent would have been busy, in percent, at most 100.
    occupancy_rate: f64,
    /// Contacts answered in time, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_in_time: Option<i64>,
}

impl From<Told<GroupMetrics>> for ServiceGroupItem {
    fn from(Told { what: of, .. }: Told<GroupMetrics>) -> Self {
        let busy = of.treated_calls.saturating_mul(of.aht);
        Self {
            interval_start: to_the_second(of.start),
            interval_end: to_the_second(of.end),
            metrics: ServiceGroupNumbers {
                not_unique_received: of.not_unique_received,
                not_unique_treated: of.not_unique_treated,
                not_unique_missed: of.not_unique_missed,
                received_calls: of.received_calls,
                treated_calls: of.treated_calls,
                miss_calls: of.miss_calls,
                aht: of.aht,
                post_processing: of.post_processing,
                service_level: percentage(of.treated_calls, of.received_calls),
                abandonment_rate: percentage(of.miss_calls, of.received_calls),
                occupancy_rate: percentage(busy, of.end - of.start).min(100.0),
                answered_in_time: of.answered_in_time,
            },
            service_id: of.service,
            group_id: of.group,
        }
    }
}

/// A stretch in a status.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentStatusItem {
    agent_id: String,
    start_date: String,
    /// Null while it goes on.
    end_date: Option<String>,
    state_code: String,
    state_name: String,
    service_id: Option<String>,
    group_id: Option<String>,
}

impl From<Told<AgentStatus>> for AgentStatusItem {
    fn from(Told { what: of, .. }: Told<AgentStatus>) -> Self {
        Self {
            agent_id: of.agent,
            start_date: to_the_second(of.start),
            end_date: of.end.map(to_the_second),
            state_code: of.state_code,
            state_name: of.state_name,
            service_id: of.service,
            group_id: of.group,
        }
    }
}

/// A time of being signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentLoginItem {
    agent_id: String,
    login_date: String,
    logout_date: String,
    /// All of it, in milliseconds.
    duration: i64,
}

impl From<Told<AgentLogin>> for AgentLoginItem {
    fn from(Told { what: of, .. }: Told<AgentLogin>) -> Self {
        Self {
            agent_id: of.agent,
            login_date: to_the_second(of.login),
            logout_date: to_the_second(of.logout),
            duration: of.logout - of.login,
        }
    }
}

/// A contact that an agent worked on.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentCallsItem {
    agent_id: String,
    service_id: String,
    group_id: String,
    start_call: String,
    end_call: String,
    /// In milliseconds.
    duration: i64,
    call_type: Option<String>,
}

impl From<Told<AgentCall>> for AgentCallsItem {
    fn from(Told { what: of, .. }: Told<AgentCall>) -> Self {
        Self {
            agent_id: of.agent,
            service_id: of.service,
            group_id: of.group,
            start_call: to_the_second(of.start),
            end_call: to_the_second(of.end),
            duration: of.end - of.start,
            call_type: of.call_type,
        }
    }
}

/// How long an agent had chats open on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentChatsItem {
    agent_id: String,
    #[schema(format = "date")]
    work_date: String,
    /// In milliseconds.
    work_time: i64,
    chat_sessions: Option<i64>,
}

impl From<Told<(Date, Work)>> for AgentChatsItem {
    fn from(Told { who, what: (day, work), .. }: Told<(Date, Work)>) -> Self {
        Self {
            agent_id: who,
            work_date: day.to_string(),
            work_time: work.time,
            chat_sessions: work.sessions,
        }
    }
}

/// `serviceGroupData` of the contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceGroupData {
    pub(super) service_group_data: Vec<ServiceGroupItem>,
    #[serde(flatten)]
    pub(super) about: Historic,
}

/// `agentStatusData` of the contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentStatusData {
    pub(super) agent_status_data: Vec<AgentStatusItem>,
    #[serde(flatten)]
    pub(super) about: Historic,
}

/// `agentLoginData` of the contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentLoginData {
    pub(super) agent_login_data: Vec<AgentLoginItem>,
    #[serde(flatten)]
    pub(super) about: Historic,
}

/// `agentCallsData` of the contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentCallsData {
    pub(super) agent_calls_data: Vec<AgentCallsItem>,
    #[serde(flatten)]
    pub(super) about: Historic,
}

/// `agentChatsWorkTime` of the contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentChatsWorkTime {
    pub(super) agent_chats_work_time: Vec<AgentChatsItem>,
    #[serde(flatten)]
    pub(super) about: Historic,
}
