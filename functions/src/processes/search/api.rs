//! Routes of finding runs.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::Read;
use shared::web::{Caller, Path, Problem, Query, Routes};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::RunSearch;
use super::filter::{Filter, Match};
use super::order::Order;
use super::params::{ListParams, RunFilters};
use crate::access::permission::PROCESSES_READ;
use crate::processes::definitions::{Process, process_key, unknown_process};
use crate::processes::index::Facet;
use crate::processes::paging::{Listed, Listing, Paging, PagingParams};
use crate::processes::runs::RunView;

/// The longest text that is looked for, in characters.
const LONGEST: usize = 255;

/// `GET /api/v1/runs` and `/api/v1/runs/search`, and what there is to filter by.
pub fn routes() -> Routes<RunSearch> {
    Routes::new()
        .guarded(PROCESSES_READ.of_people(), routes!(list_runs))
        .guarded(PROCESSES_READ.of_people(), routes!(search_runs))
        .guarded(PROCESSES_READ.of_people(), routes!(list_filter_metadata))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchParams {
    /// Looked for in the names of what runs are about; or all of what a run is about, or of a
    /// value of its metadata. Its case does not matter.
    #[param(min_length = 1, max_length = 255, example = "acme")]
    q: String,
    /// Only of this process.
    process_id: Option<i64>,
}

/// A run, and where it has what was looked for.
#[derive(Debug, Serialize, ToSchema)]
struct FoundRun {
    #[serde(flatten)]
    run: RunView,
    matches: Vec<MatchView>,
}

/// A field in which a run has what was looked for.
#[derive(Debug, Serialize, ToSchema)]
struct MatchView {
    #[schema(example = "meta.department")]
    field: String,
    #[schema(example = "Acme")]
    value: String,
}

/// What the metadata of a process's runs can be filtered by.
#[derive(Debug, Serialize, ToSchema)]
struct FilterMetadata {
    process_id: i64,
    process_name: String,
    metadata_fields: Vec<Facet>,
}

/// Lists runs, newest first unless another order is asked for.
///
/// The answer is an array for `limit` with `offset`, `skip` or `cursor`, and an object for
/// `page` and `size`. `X-Total-Count` is exact unless `X-Total-Count-Exact` is `false`: then
/// there are at most so many. A search that would look at too much ends with a short page,
/// and the `Link` header's cursor goes on.
#[utoipa::path(get, path = "/api/v1/runs", tag = "processes", params(PagingParams, ListParams),
    responses(
        (status = 200, body = Listed<RunView>, description = "One page"),
        (status = 400, body = Problem, description = "`meta_filter` or `order_by` cannot be read",
            content_type = "application/problem+json"),
        Error,
    ))]
async fn list_runs(
    State(search): State<RunSearch>,
    caller: Caller,
    uri: Uri,
    paging: Paging,
    Query(params): Query<RunFilters>,
) -> Result<Listing<RunView>> {
    let (filter, order) = params.read(uri.query().unwrap_or_default())?;
    let found = search.find(&caller.tenant, &filter, &order, &paging).await?;
    let runs = found.runs.iter().map(RunView::of).collect::<Result<_>>()?;
    let next = found.next.map(|id| id.to_string());
    Ok(paging.listing::<ListParams, _>(runs, found.total, next))
}

/// Finds runs by a text, newest first, and says where each has it.
#[utoipa::path(get, path = "/api/v1/runs/search", tag = "processes",
    params(SearchParams, PagingParams),
    responses((status = 200, body = Listed<FoundRun>, description = "One page"), Error))]
async fn search_runs(
    State(search): State<RunSearch>,
    caller: Caller,
    paging: Paging,
    Query(params): Query<SearchParams>,
) -> Result<Listing<FoundRun>> {
    if params.q.trim().is_empty() || params.q.chars().count() > LONGEST {
        return Err(Error::invalid("q", format!("must have 1 to {LONGEST} characters")));
    }
    let (q, process) = (Some(params.q.trim().to_owned()), params.process_id);
    let filter = Filter { q, process, ..Filter::default() }.folded();
    let order = Order::read(None, None)?;
    let found = search.find(&caller.tenant, &filter, &order, &paging).await?;
    let runs = found.runs.iter().map(|run| {
        let matches = filter.matches(run)?.into_iter();
        let matches = matches.map(|Match { field, value }| MatchView { field, value }).collect();
        Ok(FoundRun { run: RunView::of(run)?, matches })
    });
    let next = found.next.map(|id| id.to_string());
    Ok(paging.listing::<SearchParams, _>(runs.collect::<Result<_>>()?, found.total, next))
}

/// Lists the members of the metadata that a process's runs have, and up to a hundred values
/// of each.
#[utoipa::path(get, path = "/api/v1/processes/{process_id}/filter-metadata", tag = "processes",
    params(("process_id" = i64, Path, description = "The process's number")),
    responses((status = 200, body = FilterMetadata, description = "All members"), Error))]
async fn list_filter_metadata(
    State(search): State<RunSearch>,
    caller: Caller,
    Path(process_id): Path<i64>,
) -> Result<Json<FilterMetadata>> {
    let key = process_key(&caller.tenant, process_id);
    let process: Option<Process> = search.table.get(&key, Read::Consistent).await?;
    let process = process.filter(|process| process.deleted_at.is_none());
    let process_name = process.ok_or_else(unknown_process)?.name;
    let metadata_fields = search.index.facets(&caller.tenant, process_id).await?;
    Ok(Json(FilterMetadata { process_id, process_name, metadata_fields }))
}
