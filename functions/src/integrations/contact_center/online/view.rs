//! What is now, as each style tells it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::super::client::ArgusGroupLoad;
use super::super::records::{Current, QueueMetrics};

/// The statuses of agents.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlineAgents {
    pub(super) agent_status: Vec<OnlineAgent>,
    pub(super) total_agents: usize,
    pub(super) timestamp: String,
}

/// The status that an agent is in.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlineAgent {
    agent_id: String,
    state_code: String,
    state_name: String,
    start_date: String,
    /// How long by now.
    duration_seconds: i64,
    /// When it was told.
    updated_at: String,
}

impl OnlineAgent {
    pub(super) fn of(current: Current, now: i64) -> Self {
        Self {
            agent_id: current.agent,
            state_code: current.state_code.unwrap_or_default(),
            state_name: current.state_name.unwrap_or_default(),
            start_date: to_the_second(current.start),
            duration_seconds: (now - current.start).max(0) / 1000,
            updated_at: to_the_second(current.updated_at),
        }
    }
}

/// The status that an agent is in, as Argus's protocol has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgusOnlineAgent {
    agent_id: String,
    state_code: String,
    state_name: String,
    start_date: String,
}

impl From<Current> for ArgusOnlineAgent {
    fn from(current: Current) -> Self {
        Self {
            agent_id: current.agent,
            state_code: current.state_code.unwrap_or_default(),
            state_name: current.state_name.unwrap_or_default(),
            start_date: to_the_second(current.start),
        }
    }
}

/// The loads of groups.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupsLoad {
    pub(super) groups_load: Vec<GroupLoadItem>,
    pub(super) total_groups: usize,
    pub(super) timestamp: String,
}

/// The load of a group; times are milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupLoadItem {
    service_id: String,
    group_id: String,
    call_number: i64,
    operator_number: i64,
    awt: Option<i64>,
    call_processing: Option<i64>,
    call_received: Option<i64>,
    call_answered: Option<i64>,
    call_answered_tst: Option<i64>,
    aht: Option<i64>,
    acd: Option<f64>,
    updated_at: String,
}

impl GroupLoadItem {
    pub(super) fn of(load: ArgusGroupLoad, now: &str) -> Self {
        Self {
            service_id: load.service_id,
            group_id: load.group_id,
            call_number: load.call_number,
            operator_number: load.operator_number,
            awt: load.awt,
            call_processing: load.call_processing,
            call_received: load.call_received,
            call_answered: load.call_answered,
            call_answered_tst: load.call_answered_tst,
            aht: load.aht,
            acd: load.acd,
            updated_at: now.to_owned(),
        }
    }
}

/// Numbers of queues.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueMetricsList {
    pub(super) queue_metrics: Vec<QueueMetricsItem>,
    pub(super) total_queues: usize,
    pub(super) timestamp: String,
}

/// Numbers of a queue at a moment.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueMetricsItem {
    queue_id: String,
    service_group: Option<String>,
    timestamp: String,
    #[schema(value_type = Object)]
    metrics: BTreeMap<String, Json>,
}

impl From<QueueMetrics> for QueueMetricsItem {
    fn from(of: QueueMetrics) -> Self {
        let metrics = of.numbers();
        let timestamp = to_the_second(of.at);
        Self { queue_id: of.queue, service_group: of.service_group, timestamp, metrics }
    }
}
