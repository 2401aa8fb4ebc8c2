//! Routes of checklists.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, JsonBody, Page, Path, Query, Routes, at_most, next_link, page_limit};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::list::{Checklists, Filter};
use super::tick::Tick;
use super::view::ChecklistView;
use crate::access::permission::{EVENTS_READ, EVENTS_WRITE};

/// The longest note, in bytes.
const LONGEST_NOTE: usize = 1000;

/// `/pega/checklists`.
pub fn routes() -> Routes<Checklists> {
    Routes::new()
        .guarded(EVENTS_READ.of_people(), routes!(list_checklists))
        .guarded(EVENTS_READ.of_people(), routes!(find_checklist))
        .guarded(EVENTS_WRITE.of_people(), routes!(tick_item))
}

/// Which checklists; all that is given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `open` or `completed`.
    #[param(inline)]
    status: Option<StatusParam>,
    /// Only about this employee.
    employee_id: Option<String>,
    /// Only of this case.
    case_id: Option<String>,
    /// How many, 1 to 100; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StatusParam {
    Open,
    Completed,
}

/// What becomes of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ItemChange {
    /// Whether it is done; as it was when not given.
    done: Option<bool>,
    /// A note beside it; an empty one takes it away.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Lists checklists, newest first.
///
/// The next page's address is in the `Link` header (`rel="next"`); a page may be short
/// where few pass the filters.
#[utoipa::path(get, path = "/pega/checklists", tag = "pega", params(ListParams),
    responses((status = 200, body = Vec<ChecklistView>, description = "One page"), Error))]
async fn list_checklists(
    State(checklists): State<Checklists>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<ListParams>,
) -> Result<Page<ChecklistView>> {
    let filter = Filter {
        limit: page_limit(params.limit, 20, 100)?,
        open: params.status.map(|status| status == StatusParam::Open),
        employee_id: params.employee_id,
        case_id: params.case_id,
        behind: params.cursor,
    };
    let (rows, next) = checklists.list(&caller.tenant, &filter).await?;
    let items = rows.into_iter().map(ChecklistView::from).collect();
    Ok(Page { items, next: next.map(|last| next_link::<ListParams>(&uri, &last)) })
}

/// Shows one checklist.
#[utoipa::path(get, path = "/pega/checklists/{checklist_id}", tag = "pega",
    params(("checklist_id" = String, Path, description = "Its id", example = "000000000002-checklist")),
    responses((status = 200, body = ChecklistView, description = "The checklist"), Error))]
async fn find_checklist(
    State(checklists): State<Checklists>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ChecklistView>> {
    Ok(Json(checklists.find(&caller.tenant, &id).await?.into()))
}

/// Ticks an item off, takes that back, or leaves a note beside it.
#[utoipa::path(patch, path = "/pega/checklists/{checklist_id}/items/{number}", tag = "pega",
    params(
        ("checklist_id" = String, Path, description = "Its id", example = "000000000002-checklist"),
        ("number" = usize, Path, description = "Which item, from 1", example = 1),
    ),
    request_body = ItemChange,
    responses((status = 200, body = ChecklistView, description = "The checklist then"), Error))]
async fn tick_item(
    State(checklists): State<Checklists>,
    caller: Caller,
    Path((id, number)): Path<(String, usize)>,
    JsonBody(change): JsonBody<ItemChange>,
) -> Result<Json<ChecklistView>> {
    if change.done.is_none() && change.note.is_none() {
        return Err(Error::invalid("done", "or note must be given"));
    }
    at_most(LONGEST_NOTE, "note", change.note.as_deref().unwrap_or_default())?;
    let tick = Tick { number, done: change.done, note: change.note };
    Ok(Json(checklists.tick(&caller, &id, &tick).await?.into()))
}
