//! Routes of cases.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Caller, Missing, Path, Query, Routes, moment, page_limit};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::super::cases::{Filter, Part, Presence, SortBy};
use super::super::statistics::CaseStatistics;
use super::Enjaz;
use super::accounts::OfAccount;
use super::envelope::Envelope;
use super::view::{CaseChange, CaseView, history};
use crate::access::permission::ENJAZ_SELF;

/// The most cases that are answered to somebody who gives no limit: an answer has 6 MB.
const MOST: usize = 5000;

pub(super) fn routes() -> Routes<Enjaz> {
    let own = ENJAZ_SELF.of_people();
    Routes::new()
        .guarded(own, routes!(list_enjaz_cases))
        .guarded(own, routes!(find_enjaz_case))
        .guarded(own, routes!(list_enjaz_case_changes))
        .guarded(own, routes!(find_enjaz_statistics))
}

/// Which cases are listed, and in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CaseFilter {
    /// How many; all, when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// How many are left out before them.
    #[param(minimum = 0, default = 0)]
    offset: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only those of this account.
    #[param(example = 1)]
    account_id: Option<i64>,
    /// Only those with this status, in the portal's words.
    status: Option<String>,
    /// Only those of this type, in the portal's words.
    case_type: Option<String>,
    /// Only those that hold this text, whatever the case of its letters and its digits.
    text: Option<String>,
    /// Only those that are new or changed since then: RFC 3339, or a date.
    changed_since: Option<String>,
    /// Only those that the portal shows, or does not any more.
    #[param(inline)]
    presence: Option<Presence>,
    /// What they are sorted by; a minus is the other way round.
    #[param(inline)]
    sort: Option<SortBy>,
}

/// Some of the cases that are meant.
#[derive(Debug, Serialize, ToSchema)]
struct CaseList {
    success: bool,
    #[schema(example = "Retrieved 10 cases")]
    message: String,
    data: Vec<CaseView>,
    /// How many are meant altogether.
    total_count: usize,
    /// Where to go on; null at the end.
    next_cursor: Option<String>,
}

/// Lists one's cases.
#[utoipa::path(get, path = "/api/v1/enjaz/cases", tag = "enjaz", params(CaseFilter),
    responses((status = 200, body = Envelope<CaseList>, description = "Some of them"), Error,
        Missing))]
async fn list_enjaz_cases(
    State(here): State<Enjaz>,
    caller: Caller,
    Query(given): Query<CaseFilter>,
) -> Result<Json<Envelope<CaseList>>> {
    let part = Part {
        sort: given.sort.unwrap_or_default(),
        limit: given.limit.map(|limit| page_limit(Some(limit), 100, 100)).transpose()?,
        offset: usize::try_from(given.offset.unwrap_or(0))
            .map_err(|_| Error::invalid("offset", "must not be negative"))?,
        cursor: given.cursor,
    };
    let since = given.changed_since.as_deref();
    let since = since.map(|text| moment("changed_since", text)).transpose()?;
    let filter = Filter {
        account_id: given.account_id,
        status: given.status,
        kind: given.case_type,
        text: given.text,
        changed_since: since.map(|moment| moment.as_millisecond()),
        presence: given.presence.unwrap_or_default(),
    };
    let found = here.means.find_cases(&caller, &filter, &part).await?;
    if found.cases.len() > MOST {
        let told = format!("is required, for there are {} cases", found.total);
        return Err(Error::invalid("limit", told));
    }
    let list = CaseList {
        success: true,
        message: format!("Retrieved {} cases", found.cases.len()),
        data: found.cases.into_iter().map(CaseView::from).collect(),
        total_count: found.total,
        next_cursor: found.next,
    };
    Ok(Json(Envelope::done("Cases retrieved successfully", list)))
}

/// Shows a case.
#[utoipa::path(get, path = "/api/v1/enjaz/cases/{case_id}", tag = "enjaz",
    params(("case_id" = i64, Path, description = "Its id", example = 1)),
    responses((status = 200, body = Envelope<CaseView>, description = "The case"), Error))]
async fn find_enjaz_case(
    State(here): State<Enjaz>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<Envelope<CaseView>>> {
    let case = here.means.find_case(&caller, id).await?;
    Ok(Json(Envelope::done("Case retrieved successfully", CaseView::from(case))))
}

/// Lists what became of a case, the newest first: its last fifty changes, and its import.
#[utoipa::path(get, path = "/api/v1/enjaz/cases/{case_id}/history", tag = "enjaz",
    params(("case_id" = i64, Path, description = "Its id", example = 1)),
    responses((status = 200, body = Envelope<Vec<CaseChange>>, description = "Its changes"),
        Error))]
async fn list_enjaz_case_changes(
    State(here): State<Enjaz>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<Envelope<Vec<CaseChange>>>> {
    let changes = history(&here.means.find_case(&caller, id).await?);
    Ok(Json(Envelope::done(format!("Retrieved {} changes", changes.len()), changes)))
}

/// Counts one's cases.
#[utoipa::path(get, path = "/api/v1/enjaz/statistics", tag = "enjaz", params(OfAccount),
    responses((status = 200, body = Envelope<CaseStatistics>, description = "In numbers"), Error,
        Missing))]
async fn find_enjaz_statistics(
    State(here): State<Enjaz>,
    caller: Caller,
    Query(of): Query<OfAccount>,
) -> Result<Json<Envelope<CaseStatistics>>> {
    let statistics = here.means.statistics(&caller, of.account_id).await?;
    Ok(Json(Envelope::done("Statistics retrieved successfully", statistics)))
}
