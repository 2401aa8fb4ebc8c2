//! The route of exports.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Result};
use shared::web::{
    Caller, Conflict, JsonBody, Missing, Query, Routes, moment, page_limit, to_the_millisecond,
};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::super::ContactCenter;
use super::super::historic::{Asked, Cursor, MOST, ids};
use super::super::records::DataKind;
use super::Page;
use super::stream::Export;
use super::text::TextFormat;
use super::view::ExportResponse;
use crate::access::permission::INTEGRATIONS_READ;
use crate::integrations::connections::OfConnection;

/// Where the cursor of the next page stands, in formats without an envelope.
const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");

/// `/integrations/cc/export-data`, and the same under `/api/v1`.
pub fn routes() -> Routes<ContactCenter> {
    let own = INTEGRATIONS_READ.of_people();
    Routes::new().guarded(own, routes!(export_contact_center_data)).also_under("/api/v1")
}

/// What is to be exported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    data_type: DataKind,
    /// The first moment: RFC 3339, or a date.
    #[schema(example = "2024-01-01")]
    start_date: String,
    /// The first moment after the period, at most 366 days later.
    #[schema(example = "2024-01-31")]
    end_date: String,
    /// `json`, `csv` or `ndjson`; `json` when not given.
    #[serde(default)]
    format: ExportFormat,
    filters: Option<ExportFilters>,
    /// Whether what was sent is told as well.
    #[serde(default)]
    include_raw_data: bool,
    /// How many records a page has. Without it all are told: as `csv` and `ndjson` streamed,
    /// however many there are; as `json` the request is refused if there are more than 10,000.
    #[schema(minimum = 1, maximum = 10_000)]
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before, or its header `X-Next-Cursor`.
    cursor: Option<String>,
}

/// Whose records are meant.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportFilters {
    /// The agent.
    agent_id: Option<String>,
    /// The group.
    service_group: Option<String>,
}

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// As an object with a list.
    #[default]
    Json,
    /// As comma-separated values.
    Csv,
    /// As a JSON object a line.
    Ndjson,
}

impl ExportFormat {
    /// The same, if it is one of lines of text.
    fn text(self) -> Option<TextFormat> {
        match self {
            Self::Json => None,
            Self::Csv => Some(TextFormat::Csv),
            Self::Ndjson => Some(TextFormat::Ndjson),
        }
    }
}

/// Exports records of a contact centre as they are kept.
///
/// A stream that breaks off did not tell everything: its last chunk is missing.
#[utoipa::path(post, path = "/integrations/cc/export-data", tag = "contact center",
    params(OfConnection), request_body = ExportRequest,
    responses((status = 200, description = "Records", content(
        (ExportResponse = "application/json"), (String = "application/x-ndjson"),
        (String = "text/csv"))), Error, Conflict, Missing))]
async fn export_contact_center_data(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(wanted): JsonBody<ExportRequest>,
) -> Result<Response> {
    let asked = asked(&wanted)?;
    let of = center.centres.one(&caller.tenant, of.named()).await?;
    let (kind, with_raw) = (wanted.data_type, wanted.include_raw_data);
    let Some(format) = wanted.format.text() else {
        let found = center.export(&caller, &of, kind, &asked, with_raw).await?;
        return Ok(Json(told(&wanted, found, center.clock.now_ms())).into_response());
    };
    let head = [(header::CONTENT_TYPE, format.media_type())];
    if wanted.limit.is_none() {
        let export = Export { center, by: caller, of, kind, with_raw, format, asked };
        return Ok((head, Body::from_stream(export.streamed().await?)).into_response());
    }
    let Page { items, next } = center.export(&caller, &of, kind, &asked, with_raw).await?;
    let text = format.write(&items, wanted.cursor.is_none(), with_raw)?;
    let next = next.and_then(|next| HeaderValue::try_from(next.text()).ok());
    let next: HeaderMap = next.map(|next| (NEXT, next)).into_iter().collect();
    Ok((head, next, text).into_response())
}

fn told(wanted: &ExportRequest, found: Page, now: i64) -> ExportResponse {
    let parameters = json!({ "data_type": wanted.data_type, "format": wanted.format,
        "start_date": wanted.start_date, "end_date": wanted.end_date,
        "filters": wanted.filters, "include_raw_data": wanted.include_raw_data });
    ExportResponse {
        total_records: found.items.len(),
        data: found.items,
        export_timestamp: to_the_millisecond(now),
        parameters,
        next_cursor: found.next.as_ref().map(Cursor::text),
    }
}

fn asked(wanted: &ExportRequest) -> Result<Asked> {
    let from = moment("start_date", &wanted.start_date)?.as_millisecond();
    let to = moment("end_date", &wanted.end_date)?.as_millisecond();
    let none = ExportFilters::default();
    let filters = wanted.filters.as_ref().unwrap_or(&none);
    let agents = ids("filters.agent_id", filters.agent_id.as_deref().into_iter())?;
    let groups = ids("filters.service_group", filters.service_group.as_deref().into_iter())?;
    let limit = match wanted.limit {
        None => None,
        some => Some(page_limit(some, MOST, MOST)?),
    };
    let cursor = wanted.cursor.as_deref().map(Cursor::read).transpose()?;
    Asked::of_period((from, to), (agents, groups), limit, cursor)
}
