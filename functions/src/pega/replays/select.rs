//! Which events a replay is about.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::jobs::State;
use shared::tenant::Tenant;
use utoipa::ToSchema;

use crate::pega::event::{Event, IGNORED, Status};
use crate::pega::log::EventLog;
use crate::pega::search::{Filter, Search};

/// Which events; all that is given must hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Selection {
    pub status: Replayed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What events can be replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReplayedStatus)]
pub(super) enum Replayed {
    /// Those that failed.
    #[default]
    Failed,
    /// Those of a type that nobody worked through.
    Ignored,
    /// Those that were worked through.
    Processed,
}

impl Selection {
    /// The next events with a number below this one, newest first, and below which number
    /// to go on. A page may be short, or empty.
    pub async fn page(
        &self,
        log: &EventLog,
        tenant: &Tenant,
        below: i64,
        limit: usize,
    ) -> Result<(Vec<Event>, Option<i64>)> {
        let status = match self.status {
            Replayed::Failed => Status::Failed,
            Replayed::Ignored => Status::Received,
            Replayed::Processed => Status::Processed,
        };
        let filter = Filter {
            limit,
            event: self.event.clone(),
            status: Some(status),
            case_id: self.case_id.clone(),
            since: self.since,
            until: self.until,
            before: Some(below),
        };
        let (mut events, next) = Search::new(log, tenant, filter).run().await?;
        events.retain(|event| self.status.is_of(event));
        Ok((events, next))
    }
}

impl Replayed {
    /// Whether an event is such a one now.
    pub fn is_of(self, event: &Event) -> bool {
        match self {
            Self::Failed => event.job.state == State::Failed,
            Self::Ignored => event.job.state == State::Done && event.job.list() == Some(IGNORED),
            Self::Processed => event.status() == Status::Processed,
        }
    }
}
