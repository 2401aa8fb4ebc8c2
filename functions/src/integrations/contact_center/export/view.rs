//! What is kept, as it is handed over.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use shared::ids;
use shared::table::Key;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::super::records::DataKind;

/// A record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportItem {
    /// The same for the same record, always.
    pub(super) id: String,
    pub(super) data_type: DataKind,
    pub(super) timestamp: String,
    pub(super) agent_id: Option<String>,
    pub(super) queue_id: Option<String>,
    pub(super) service_group: Option<String>,
    /// What the record says. Moments are milliseconds since 1970, durations milliseconds.
    #[schema(value_type = Object)]
    pub(super) metrics: Map<String, Json>,
    /// What was sent, if that was kept; only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) raw_data: Option<Json>,
}

/// What was exported.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportResponse {
    pub(super) data: Vec<ExportItem>,
    /// How many records there are in this answer.
    pub(super) total_records: usize,
    pub(super) export_timestamp: String,
    /// What was asked for.
    #[schema(value_type = Object)]
    pub(super) parameters: Json,
    /// What `cursor` is for the next page; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

/// Agent, queue and group.
type Whose = (Option<String>, Option<String>, Option<String>);

impl ExportItem {
    pub(super) fn of(
        data_type: DataKind,
        key: &Key,
        at: i64,
        (agent_id, queue_id, service_group): Whose,
        metrics: Map<String, Json>,
        raw_data: Option<Json>,
    ) -> Self {
        Self {
            id: ids::derived(&format!("{}/{}", key.pk, key.sk)),
            data_type,
            timestamp: to_the_second(at),
            agent_id,
            queue_id,
            service_group,
            metrics,
            raw_data,
        }
    }

    pub(super) fn is_of_any(&self, groups: &[String]) -> bool {
        self.service_group.as_ref().is_some_and(|group| groups.contains(group))
    }
}
