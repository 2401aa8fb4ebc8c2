//! Routes of imports.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use shared::error::{Error, Result};
use shared::idempotency::idempotency_key;
use shared::web::{
    Caller, Conflict, JsonBody, Missing, Path, Query, Routes, does_not_wait, page_limit,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::super::given::{LARGEST, TOLD, check};
use super::super::records::DataKind;
use super::model::{Import, ImportOptions, imports};
use super::start::{Imports, NewImport};
use super::view::{BulkOperationView, ImportErrors, ImportView};
use crate::access::permission::{INTEGRATIONS_READ, INTEGRATIONS_SYNC};
use crate::bulk;
use crate::integrations::connections::OfConnection;

/// Records that are worked on together, unless the caller says otherwise.
const TOGETHER: i64 = 1000;
/// As few as are worked on together, and as many: a step takes no more than a second or two.
const FEW: i64 = 100;
const MANY: i64 = 2000;

/// `/integrations/cc/bulk-import` and `/integrations/cc/imports`, and the same under `/api/v1`.
pub fn routes() -> Routes<Imports> {
    let sends = INTEGRATIONS_SYNC.of_people().with_body(LARGEST);
    Routes::new()
        .guarded(sends, routes!(import_contact_center_data))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_imports))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_import))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_import_errors))
        .also_under("/api/v1")
}

/// Records of one kind.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkImport {
    data_type: DataKind,
    /// The records, each with the members that its kind has.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 10_000)]
    data: Vec<Value>,
    /// Whether all of them are imported or, if there is anything wrong with one, none. What
    /// others keep between the check and the import stays, and is told as an error.
    #[serde(default = "yes")]
    validate_before_import: bool,
    /// Whether a record takes the place of one that says something else under the same
    /// natural key. Otherwise that one stays, and this is an error of the record.
    #[serde(default)]
    update_existing: bool,
    /// How many records are worked on together: at least 100, and at most 2,000, whatever is
    /// said.
    #[schema(minimum = 1, maximum = 10_000, default = 1000)]
    batch_size: Option<i64>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "headers are read by name; this is their documentation")]
struct ImportHeaders {
    /// A repeat under the same key is answered with the import that was begun first, and
    /// imports nothing twice.
    #[serde(rename = "Idempotency-Key")]
    #[param(max_length = 255)]
    idempotency_key: Option<String>,
    /// `respond-async`: the answer is 202 at once, and the import can be watched.
    #[serde(rename = "Prefer")]
    prefer: Option<String>,
}

/// Imports records of a contact centre in bulk.
///
/// They are on record before anything is imported, and a worker goes on where one died. The
/// answer waits for up to twenty seconds; an import that takes longer, or whose caller prefers
/// not to wait, is answered with 202 and its place.
#[utoipa::path(post, path = "/integrations/cc/bulk-import", tag = "contact center",
    params(OfConnection, ImportHeaders), request_body(content = BulkImport, example = json!({
        "data_type": "agent_status", "data": [{ "agent_id": "agent123", "status": "available",
            "start_time": "2024-01-15T10:30:00Z", "end_time": "2024-01-15T11:00:00Z" }] })),
    responses((status = 200, body = BulkOperationView, description = "What came of it"),
        (status = 202, body = BulkOperationView, description = "It goes on",
            headers(("Location" = String, description = "Where it can be watched"))),
        Error, Conflict, Missing))]
async fn import_contact_center_data(
    State(here): State<Imports>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    headers: HeaderMap,
    JsonBody(given): JsonBody<BulkImport>,
) -> Result<Response> {
    let new = read(given)?;
    let key = idempotency_key(&headers, "contact-center-import")?;
    let import = here.start(&caller, of.named(), new, key).await?;
    let import = match does_not_wait(&headers) {
        _ if import.is_over() => import,
        true => {
            here.leave(&import).await;
            import
        }
        false => here.attend(import).await?,
    };
    answer(&here, &import).await
}

fn read(given: BulkImport) -> Result<NewImport> {
    check(&given.data)?;
    let together = given.batch_size.unwrap_or(TOGETHER);
    if !(1..=10_000).contains(&together) {
        return Err(Error::invalid("batch_size", "must be 1 to 10000"));
    }
    let options = ImportOptions {
        data_type: given.data_type,
        whole: given.validate_before_import,
        update_existing: given.update_existing,
    };
    let together = usize::try_from(together.clamp(FEW, MANY)).map_err(Error::internal)?;
    Ok(NewImport { options, data: given.data, together })
}

async fn answer(here: &Imports, import: &Import) -> Result<Response> {
    let mut errors = import.errors(&here.means.table).await?;
    errors.truncate(TOLD);
    let told = Json(BulkOperationView::of(import, errors));
    if import.is_over() {
        return Ok(told.into_response());
    }
    let place = format!("/integrations/cc/imports/{}", import.id());
    let place = HeaderValue::try_from(place).map_err(Error::internal)?;
    let mut headers = HeaderMap::from_iter([(header::LOCATION, place)]);
    headers.insert(
        HeaderName::from_static("preference-applied"),
        HeaderValue::from_static("respond-async"),
    );
    Ok((StatusCode::ACCEPTED, headers, told).into_response())
}

/// Which imports are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportFilter {
    /// How many.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Only those that began before this one.
    before: Option<String>,
}

/// Lists imports, newest first.
#[utoipa::path(get, path = "/integrations/cc/imports", tag = "contact center",
    params(ImportFilter),
    responses((status = 200, body = Vec<ImportView>, description = "One page"), Error))]
async fn list_imports(
    State(here): State<Imports>,
    caller: Caller,
    Query(filter): Query<ImportFilter>,
) -> Result<Json<Vec<ImportView>>> {
    let (limit, before) = (page_limit(filter.limit, 20, 100)?, filter.before.as_deref());
    let all = imports(&caller.tenant);
    let (found, _) = bulk::newest::<Import>(&here.means.table, &all, limit, before).await?;
    Ok(Json(found.into_iter().map(ImportView::of).collect()))
}

/// Shows how an import stands.
#[utoipa::path(get, path = "/integrations/cc/imports/{import_id}", tag = "contact center",
    params(("import_id" = String, Path, description = "Its id", format = "uuid",
        example = "00000000-0000-7000-8000-00000000000b")),
    responses((status = 200, body = ImportView, description = "The import"), Error))]
async fn find_import(
    State(here): State<Imports>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ImportView>> {
    here.find(&caller.tenant, &id).await.map(ImportView::of).map(Json)
}

/// Which errors are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ErrorFilter {
    /// How many.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
    /// Only those of records behind this place.
    after: Option<usize>,
}

/// Lists what is wrong with an import's records, by their places.
#[utoipa::path(get, path = "/integrations/cc/imports/{import_id}/errors",
    tag = "contact center", params(("import_id" = String, Path, description = "Its id",
        format = "uuid", example = "00000000-0000-7000-8000-00000000000b"), ErrorFilter),
    responses((status = 200, body = ImportErrors, description = "One page"), Error))]
async fn list_import_errors(
    State(here): State<Imports>,
    caller: Caller,
    Path(id): Path<String>,
    Query(filter): Query<ErrorFilter>,
) -> Result<Json<ImportErrors>> {
    let limit = page_limit(filter.limit, 100, 1000)?;
    let import = here.find(&caller.tenant, &id).await?;
    let mut errors = import.errors(&here.means.table).await?;
    let total_errors = errors.len();
    errors.retain(|error| filter.after.is_none_or(|after| error.index > after));
    let more = errors.len() > limit;
    errors.truncate(limit);
    let next = errors.last().map(|last| last.index).filter(|_| more);
    Ok(Json(ImportErrors { errors, total_errors, next }))
}
