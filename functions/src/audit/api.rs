//! Routes of the audit trail.

use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderMap};
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Caller, Page, Query, Routes, moment, next_link, page_limit};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::search::Filter;
use super::stats::AuditStats;
use super::view::EntryView;
use super::{AuditLog, csv};
use crate::access::permission::ADMIN;

/// The stretch that is counted when none is given: seven days, in milliseconds.
const COUNTED_MS: i64 = 7 * 24 * 3600 * 1000;

/// `/api/v1/audit-logs`.
pub fn routes() -> Routes<AuditLog> {
    Routes::new()
        .guarded(ADMIN.of_admins(), routes!(list_audit_logs))
        .guarded(ADMIN.of_admins(), routes!(count_audit_actions))
        .guarded(ADMIN.of_admins(), routes!(count_audit_users))
        .guarded(ADMIN.of_admins(), routes!(count_audit_logs))
        .guarded(ADMIN.of_admins(), routes!(export_audit_logs))
}

/// Which entries; all that is given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Only what this actor did.
    actor: Option<String>,
    /// Only this action.
    action: Option<String>,
    /// Only what was done to this.
    subject: Option<String>,
    /// Only what this request did.
    correlation_id: Option<String>,
    /// Only at this moment or later: RFC 3339, or a date (UTC).
    #[param(example = "2026-01-31")]
    since: Option<String>,
    /// Only before this moment: RFC 3339, or a date (UTC).
    #[param(example = "2030-12-31T00:00:00Z")]
    until: Option<String>,
    /// How many, 1 to 1000; 100 when not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

/// Lists the tenant's audit entries, newest first.
///
/// The next page's address is in the `Link` header (`rel="next"`); a page may be short
/// where few entries pass the filters.
#[utoipa::path(get, path = "/api/v1/audit-logs", tag = "audit", params(ListParams),
    responses((status = 200, body = Vec<EntryView>, description = "One page"), Error))]
async fn list_audit_logs(
    State(log): State<AuditLog>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<ListParams>,
) -> Result<Page<EntryView>> {
    let limit = page_limit(params.limit, 100, 1000)?;
    let behind = cursor(params.cursor)?;
    let times = (millis("since", params.since)?, millis("until", params.until)?);
    let stretch = log.stretch(&caller.tenant, times.0, times.1).await?;
    let filter = Filter {
        actor: params.actor,
        action: params.action,
        subject: params.subject,
        correlation_id: params.correlation_id,
    };
    let found = log.find(&caller.tenant, stretch, &filter, behind, limit).await?;
    let items = found.entries.into_iter().map(EntryView::of).collect::<Result<_>>()?;
    Ok(Page { items, next: found.next.map(|last| next_link::<ListParams>(&uri, &last)) })
}

/// Which stretch of time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StretchParams {
    /// From this moment on: RFC 3339, or a date (UTC); the last seven days when not given.
    #[param(example = "2026-01-31")]
    since: Option<String>,
    /// Before this moment: RFC 3339, or a date (UTC).
    #[param(example = "2030-12-31T00:00:00Z")]
    until: Option<String>,
}

/// One action, and how often it was done.
#[derive(Debug, Serialize, ToSchema)]
struct ActionCount {
    action: String,
    count: u64,
}

/// Lists the actions that were done.
#[utoipa::path(get, path = "/api/v1/audit-logs/actions", tag = "audit", params(StretchParams),
    responses((status = 200, body = Vec<ActionCount>, description = "By name"), Error))]
async fn count_audit_actions(
    State(log): State<AuditLog>,
    caller: Caller,
    Query(params): Query<StretchParams>,
) -> Result<Json<Vec<ActionCount>>> {
    let stats = counted(&log, &caller, params).await?;
    let counts = stats.by_action.into_iter();
    Ok(Json(counts.map(|(action, count)| ActionCount { action, count }).collect()))
}

/// One actor, and how much they did.
#[derive(Debug, Serialize, ToSchema)]
struct UserCount {
    user: String,
    count: u64,
}

/// Lists those who did something.
#[utoipa::path(get, path = "/api/v1/audit-logs/users", tag = "audit", params(StretchParams),
    responses((status = 200, body = Vec<UserCount>, description = "By name"), Error))]
async fn count_audit_users(
    State(log): State<AuditLog>,
    caller: Caller,
    Query(params): Query<StretchParams>,
) -> Result<Json<Vec<UserCount>>> {
    let stats = counted(&log, &caller, params).await?;
    let counts = stats.by_actor.into_iter();
    Ok(Json(counts.map(|(user, count)| UserCount { user, count }).collect()))
}

/// Counts the entries by action, actor and day.
#[utoipa::path(get, path = "/api/v1/audit-logs/stats", tag = "audit", params(StretchParams),
    responses((status = 200, body = AuditStats, description = "The counts"), Error))]
async fn count_audit_logs(
    State(log): State<AuditLog>,
    caller: Caller,
    Query(params): Query<StretchParams>,
) -> Result<Json<AuditStats>> {
    counted(&log, &caller, params).await.map(Json)
}

async fn counted(log: &AuditLog, caller: &Caller, params: StretchParams) -> Result<AuditStats> {
    let until = millis("until", params.until)?;
    let week = until.unwrap_or(log.clock.now_ms()) - COUNTED_MS;
    let since = millis("since", params.since)?.unwrap_or(week);
    let stretch = log.stretch(&caller.tenant, Some(since), until).await?;
    log.count(&caller.tenant, stretch).await
}

/// In which form.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// JSON, an entry or seal a line.
    #[default]
    Ndjson,
    /// Comma-separated values with a header line, an entry a line.
    Csv,
}

/// What is exported, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportParams {
    /// `ndjson` (with seals) or `csv`; `ndjson` when not given.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// From this moment on: RFC 3339, or a date (UTC); from the beginning when not given.
    #[param(example = "2026-01-31")]
    since: Option<String>,
    /// Before this moment: RFC 3339, or a date (UTC).
    #[param(example = "2030-12-31T00:00:00Z")]
    until: Option<String>,
    /// How many entries, 1 to 5000; 5000 when not given.
    #[param(minimum = 1, maximum = 5000)]
    limit: Option<i64>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

/// Exports the tenant's trail, oldest first, with the hashes that make it a chain.
///
/// `caseway audit verify` checks it offline. The next page's address is in the `Link`
/// header (`rel="next"`).
#[utoipa::path(get, path = "/api/v1/audit-logs/export", tag = "audit", params(ExportParams),
    responses(
        (status = 200, description = "One page", content(
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        )),
        Error,
    ))]
async fn export_audit_logs(
    State(log): State<AuditLog>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<ExportParams>,
) -> Result<Response> {
    let (limit, behind) = (page_limit(params.limit, 5000, 5000)?, cursor(params.cursor)?);
    let times = (millis("since", params.since)?, millis("until", params.until)?);
    let stretch = log.stretch(&caller.tenant, times.0, times.1).await?;
    let first = behind.is_none();
    let exported = log.export(&caller.tenant, stretch, behind, limit).await?;
    let (media_type, text) = match params.format {
        Format::Ndjson => {
            let lines = exported.lines.iter().map(serde_json::to_string);
            let lines: Vec<_> = lines.collect::<Result<_, _>>().map_err(Error::internal)?;
            ("application/x-ndjson", lines.join("\n") + "\n")
        }
        Format::Csv => ("text/csv; charset=utf-8", csv::write(&exported.lines, first)?),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let next = exported.next.map(|last| next_link::<ExportParams>(&uri, &last));
    if let Some(next) = next.and_then(|next| HeaderValue::try_from(next).ok()) {
        headers.insert(header::LINK, next);
    }
    Ok((headers, text).into_response())
}

fn cursor(cursor: Option<String>) -> Result<Option<String>> {
    let is_id =
        |id: &String| id.len() == 28 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match cursor {
        Some(cursor) if !is_id(&cursor) => {
            Err(Error::invalid("cursor", "is not one that was given out"))
        }
        cursor => Ok(cursor),
    }
}

fn millis(field: &str, text: Option<String>) -> Result<Option<i64>> {
    text.map(|text| moment(field, &text).map(|at| at.as_millisecond())).transpose()
}
