//! The route of exports.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
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
use super::super::historic::{Asked, Cursor, MOST, Walked, ids};
use super::super::records::DataKind;
use super::csv;
use super::view::{ExportItem, ExportResponse};
use crate::access::permission::INTEGRATIONS_READ;
use crate::integrations::connections::OfConnection;

/// Where the cursor of the next page stands, in formats without an envelope.
const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");

/// `/integrations/cc/export-data`.
pub fn routes() -> Routes<ContactCenter> {
    Routes::new().guarded(INTEGRATIONS_READ.of_people(), routes!(export_contact_center_data))
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
    /// How many records a page has. Without it all are told, or, if there are more than
    /// 10,000, the request is refused.
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

/// Exports records of a contact centre as they are kept.
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
    let (kind, raw) = (wanted.data_type, wanted.include_raw_data);
    let found = center.export(&caller, &of, kind, &asked, raw).await?;
    answer(wanted, found, center.clock.now_ms())
}

fn answer(wanted: ExportRequest, found: Walked<ExportItem>, now: i64) -> Result<Response> {
    let next_cursor = found.next.as_ref().map(Cursor::text);
    let data: Vec<ExportItem> = found.items.into_iter().map(|told| told.what).collect();
    let (kind, text) = match wanted.format {
        ExportFormat::Json => {
            let total_records = data.len();
            let parameters = json!({ "data_type": wanted.data_type, "format": wanted.format,
                "start_date": wanted.start_date, "end_date": wanted.end_date,
                "filters": wanted.filters, "include_raw_data": wanted.include_raw_data });
            let export_timestamp = to_the_millisecond(now);
            let told =
                ExportResponse { data, total_records, export_timestamp, parameters, next_cursor };
            return Ok(Json(told).into_response());
        }
        ExportFormat::Csv => {
            let first = wanted.cursor.is_none();
            ("text/csv; charset=utf-8", csv::write(&data, first, wanted.include_raw_data)?)
        }
        ExportFormat::Ndjson => {
            let lines = data.iter().map(|item| serde_json::to_string(item).map(|line| line + "\n"));
            let lines = lines.collect::<Result<String, _>>().map_err(Error::internal)?;
            ("application/x-ndjson", lines)
        }
    };
    let mut response = ([(header::CONTENT_TYPE, kind)], text).into_response();
    if let Some(next) = next_cursor.and_then(|next| HeaderValue::try_from(next).ok()) {
        response.headers_mut().insert(NEXT, next);
    }
    Ok(response)
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
