//! An event as it is shown: the contract's eight members first, in its order,
//! then what tells how the work goes.

use serde::Serialize;
use serde_json::value::RawValue;
use shared::clock::timestamp;
use shared::error::{Error, Result};
use shared::jobs::State;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::event::Status;
use super::log::Recorded;

/// An event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its number.
    id: i64,
    /// When it came: UTC, to the second.
    received_at: String,
    /// Its case, as Pega named it.
    #[serde(rename = "caseId")]
    case_id: String,
    /// Its type.
    event: String,
    /// What was sent.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
    status: Status,
    /// When it was last worked through: UTC, with six decimals.
    processed_at: Option<String>,
    /// What came of that.
    #[schema(value_type = Option<Object>)]
    processing_result: Option<Box<RawValue>>,
    /// How often it was tried since it was received or queued again.
    attempts: u32,
    /// When it is tried again, if it waits for that: UTC, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<String>,
    /// What the last attempt failed with, if it waits for another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// The event of this case that came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<i64>,
    /// An event of the same case with the same body, shortly before and without a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_duplicate_of: Option<i64>,
    /// Who sent it.
    source: String,
    /// The correlation id that the sender gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
}

impl EventView {
    /// Shows an event.
    pub(super) fn of(Recorded { event, payload }: Recorded) -> Result<Self> {
        let waits = event.job.state == State::Ready && event.job.attempt > 0;
        let error = event.job.error.as_ref().filter(|_| event.job.open());
        Ok(Self {
            id: event.id(),
            received_at: to_the_second(event.received_at),
            status: event.status(),
            payload: RawValue::from_string(payload).map_err(Error::internal)?,
            processed_at: event.processed_at.map(to_the_microsecond),
            attempts: event.job.attempt,
            next_attempt_at: waits.then(|| to_the_second(event.job.due_at)),
            last_error: error.map(|error| error.reason.clone()),
            follows: event.after,
            possible_duplicate_of: event.duplicate_of,
            source: event.source,
            correlation_id: event.corr,
            case_id: event.case_id,
            event: event.event,
            processing_result: event
                .result
                .map(|result| RawValue::from_string(result).map_err(Error::internal))
                .transpose()?,
        })
    }
}

fn to_the_microsecond(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
