//! A request as it is shown.

use serde::Serialize;
use serde_json::Value as Json;
use shared::error::{Error, FieldError, Result};
use shared::jobs::State;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::super::client::{Meaning, Trouble};
use super::model::{PegaRequest, Status};
use super::operation::{Kind, Operation};

/// Something that was asked of Pega.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::pega) struct PegaRequestView {
    /// Its number.
    id: i64,
    operation: Kind,
    status: Status,
    /// Which Pega it was asked of: a connection's id, or `installation`.
    environment: String,
    /// The case that it is about, once there is one.
    case_id: Option<String>,
    /// Who asked.
    asked_by: String,
    /// When: UTC, to the second.
    asked_at: String,
    /// When it was settled: UTC, to the second.
    settled_at: Option<String>,
    /// The correlation id under which it was asked.
    correlation_id: String,
    /// How often it was tried since it was asked or retried.
    attempts: u32,
    /// When it is tried again, if it waits for that: UTC, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<String>,
    /// The version that the caller saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    if_match: Option<String>,
    /// The status that Pega answered when it took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pega_status: Option<u16>,
    /// The case's version after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    /// How Pega refused, the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<PegaRefusal>,
}

/// How Pega refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PegaRefusal {
    /// What it means.
    #[schema(value_type = String, example = "stale_version")]
    meaning: Meaning,
    /// In one line, with Pega's own words.
    message: String,
    /// The status that Pega answered, if it did.
    pega_status: Option<u16>,
    /// The fields at fault.
    fields: Vec<RefusedField>,
}

/// A field at fault.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusedField {
    /// Its path in what was sent.
    field: String,
    /// What is wrong with it.
    message: String,
}

/// Something that was asked of Pega, with what was sent and what was answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PegaRequestDetails {
    #[serde(flatten)]
    request: PegaRequestView,
    /// What was asked.
    #[schema(value_type = Object)]
    input: Json,
    /// What Pega answered; null when it answered nothing, or not yet.
    #[schema(value_type = Option<Object>)]
    answer: Json,
}

impl PegaRequestView {
    /// Shows a request.
    pub fn of(row: &PegaRequest) -> Result<Self> {
        let waits = row.job.state == State::Ready && row.job.attempt > 0;
        Ok(Self {
            id: row.id,
            operation: row.operation,
            status: row.status(),
            environment: row.environment.clone(),
            case_id: row.case_id.clone(),
            asked_by: row.asked_by.clone(),
            asked_at: to_the_second(row.asked_at),
            settled_at: row.settled_at.map(to_the_second),
            correlation_id: row.corr.clone(),
            attempts: row.job.attempt,
            next_attempt_at: waits.then(|| to_the_second(row.job.due_at)),
            if_match: row.if_match.clone(),
            pega_status: row.pega_status,
            etag: row.etag.clone(),
            error: match row.status() {
                Status::Done => None,
                _ => row.trouble()?.map(PegaRefusal::of),
            },
        })
    }
}

impl PegaRequestDetails {
    /// Shows all of a request.
    pub fn of(row: &PegaRequest, operation: &Operation) -> Result<Self> {
        let input = serde_json::to_value(operation).map_err(Error::internal)?;
        Ok(Self { request: PegaRequestView::of(row)?, input, answer: row.answer()? })
    }
}

impl PegaRefusal {
    fn of(trouble: Trouble) -> Self {
        let field = |FieldError { field, message }| RefusedField { field, message };
        Self {
            meaning: if trouble.in_doubt { Meaning::UnknownOutcome } else { trouble.meaning },
            message: trouble.reason,
            pega_status: trouble.status,
            fields: trouble.fields.into_iter().map(field).collect(),
        }
    }
}
