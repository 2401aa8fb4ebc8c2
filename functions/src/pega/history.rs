//! What happened to an event after it was received: attempts that failed, people who
//! decided or had it worked through again. One row each, beside the event.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use shared::error::{Error, Result};
use shared::ids;
use shared::jobs::Job;
use shared::table::{Cond, Item, Query, Range, Table, Write};
use shared::tenant::Tenant;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::event::{Event, event_key};

/// What the sort keys of such rows begin with, and what comes behind all of them.
const BEGINNING: &str = "H#";
const END: &str = "H$";

/// One thing that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Happened {
    pk: String,
    sk: String,
    /// Milliseconds since 1970.
    pub at: i64,
    pub what: What,
    /// Who did it; the worker when nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What else is to be told, a JSON object.
    pub details: String,
}

/// The kinds of things that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EventHistoryKind)]
pub enum What {
    /// An attempt failed; another one follows unless it was the last.
    AttemptFailed,
    /// Somebody had it worked through again.
    Reprocessed,
    /// It was worked through again as part of a replay.
    Replayed,
    /// Somebody decided about it.
    Decided,
}

/// The write that tells of something that happened to an event.
pub(super) fn told(
    events: &Table,
    event: &Event,
    what: What,
    by: Option<&str>,
    at: i64,
    details: &Json,
) -> Result<Write> {
    // What happens in one millisecond keeps its order as well.
    let turn = i64::from(event.job.generation) * 64;
    let turn = match what {
        What::AttemptFailed => turn + i64::from(event.job.attempt),
        _ => turn + 63,
    };
    let happened = Happened {
        pk: event.pk.clone(),
        sk: format!("{BEGINNING}{}", ids::time_ordered_at(at, turn)),
        at,
        what,
        by: by.map(str::to_owned),
        details: details.to_string(),
    };
    Ok(events.put(Item::of(&happened)?, Some(Cond::Absent("pk"))))
}

/// All that happened to an event, in order.
pub(super) async fn of(events: &Table, tenant: &Tenant, id: i64) -> Result<Vec<Happened>> {
    let range = Range::Between(BEGINNING.into(), END.into());
    events.query_all(Query::partition(&event_key(tenant, id).pk).range("sk", range)).await
}

/// One thing that happened to an event, as it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct HappenedView {
    what: What,
    /// When, RFC 3339, UTC.
    at: String,
    /// Who did it; nobody where the worker did.
    by: Option<String>,
    /// What else there is to tell, by kind: `attempt`, `reason` and `last`; `decision` and
    /// `comment`; `replay` and `reason`. Of an event that was worked through before also
    /// what stood on it (`before`).
    #[schema(value_type = Object)]
    details: Json,
}

impl Happened {
    /// As it is shown.
    pub fn shown(&self) -> Result<HappenedView> {
        Ok(HappenedView {
            what: self.what,
            at: to_the_millisecond(self.at),
            by: self.by.clone(),
            details: serde_json::from_str(&self.details).map_err(Error::internal)?,
        })
    }
}

/// What stood on an event before it is worked through again.
pub(super) fn before(event: &Event) -> Result<Json> {
    let parsed = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or("null");
        serde_json::from_str::<Json>(text).map_err(Error::internal)
    };
    Ok(json!({
        "status": event.status().name(),
        "processing_result": parsed(&event.result)?,
        "progress": parsed(&event.progress)?,
        "decision": parsed(&event.ruling)?,
        "rules": event.rules,
    }))
}

/// What is told of an attempt that failed.
pub(super) fn of_attempt(before: &Job, reason: &str, last: bool) -> Json {
    json!({ "attempt": before.attempt + 1, "reason": reason, "last": last })
}
