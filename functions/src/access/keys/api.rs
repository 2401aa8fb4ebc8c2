//! Routes of API keys.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Page, Path, Query, Routes, next_link, page_limit};
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::model::MOST_KEYS;
use super::renew::Renewal;
use super::view::{KeyView, NewKeyView};
use super::{Keys, NewKey};
use crate::access::Done;
use crate::access::permission::ADMIN;

/// `/api/v1/api-keys`.
pub fn routes() -> Routes<Keys> {
    Routes::new()
        .guarded(ADMIN.of_admins(), routes!(create_api_key))
        .guarded(ADMIN.of_admins(), routes!(list_api_keys))
        .guarded(ADMIN.of_admins(), routes!(find_api_key))
        .guarded(ADMIN.of_admins(), routes!(revoke_api_key))
        .guarded(ADMIN.of_admins(), routes!(toggle_api_key))
        .guarded(ADMIN.of_admins(), routes!(reroll_api_key))
}

/// Makes an API key, and shows its text this once.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "access", request_body = NewKey,
    responses((status = 201, body = NewKeyView, description = "Made"), Error))]
async fn create_api_key(
    State(keys): State<Keys>,
    caller: Caller,
    JsonBody(new): JsonBody<NewKey>,
) -> Result<(StatusCode, Json<NewKeyView>)> {
    let (key, text) = keys.issue(&caller, new).await?;
    let view = KeyView::of(key, Default::default()).with_text(text.reveal());
    Ok((StatusCode::CREATED, Json(view)))
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// How many, 1 to 1000; 1000 when not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<i64>,
}

/// Lists the tenant's API keys, by number.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "access", params(ListParams),
    responses((status = 200, body = Vec<KeyView>, description = "One page"), Error))]
async fn list_api_keys(
    State(keys): State<Keys>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<ListParams>,
) -> Result<Page<KeyView>> {
    let limit = page_limit(params.limit, 1000, 1000)?;
    let limit = i32::try_from(limit).map_err(Error::internal)?;
    let after = params.cursor.unwrap_or(0).clamp(0, MOST_KEYS - 1);
    let (found, next) = keys.list(&caller.tenant, limit, after).await?;
    let mut used = keys.usage.totals(&caller.tenant, "key:").await?;
    let items = found.into_iter().map(|key| {
        let used = used.remove(&key.actor()).unwrap_or_default();
        KeyView::of(key, used)
    });
    let next = next.map(|id| next_link::<ListParams>(&uri, &id.to_string()));
    Ok(Page { items: items.collect(), next })
}

/// Shows one API key.
#[utoipa::path(get, path = "/api/v1/api-keys/{key_id}", tag = "access",
    params(("key_id" = i64, Path, description = "The key's number", example = 2)),
    responses((status = 200, body = KeyView, description = "The key"), Error))]
async fn find_api_key(
    State(keys): State<Keys>,
    caller: Caller,
    Path(key_id): Path<i64>,
) -> Result<Json<KeyView>> {
    let key = keys.find(&caller.tenant, key_id).await?;
    let used = keys.usage.total(&caller.tenant, &key.actor()).await?;
    Ok(Json(KeyView::of(key, used)))
}

/// Revokes an API key for good.
///
/// It is refused everywhere within fifteen seconds. The last admin key that does not
/// expire cannot be revoked.
#[utoipa::path(delete, path = "/api/v1/api-keys/{key_id}", tag = "access",
    params(("key_id" = i64, Path, description = "The key's number", example = 2)),
    responses((status = 200, body = Done, description = "Revoked"), Error, Conflict))]
async fn revoke_api_key(
    State(keys): State<Keys>,
    caller: Caller,
    Path(key_id): Path<i64>,
) -> Result<Json<Done>> {
    keys.revoke(&caller, key_id).await?;
    Ok(Json(Done { message: "API key deleted successfully" }))
}

/// Switches an active API key off, an inactive one on.
#[utoipa::path(patch, path = "/api/v1/api-keys/{key_id}/toggle", tag = "access",
    params(("key_id" = i64, Path, description = "The key's number", example = 2)),
    responses((status = 200, body = KeyView, description = "What it is now"), Error, Conflict))]
async fn toggle_api_key(
    State(keys): State<Keys>,
    caller: Caller,
    Path(key_id): Path<i64>,
) -> Result<Json<KeyView>> {
    let key = keys.toggle(&caller, key_id).await?;
    let used = keys.usage.total(&caller.tenant, &key.actor()).await?;
    Ok(Json(KeyView::of(key, used)))
}

/// Gives an API key a new text, and shows it this once.
///
/// Number, name, role and counts stay. The old text stays valid for the grace period.
#[utoipa::path(post, path = "/api/v1/api-keys/{key_id}/reroll", tag = "access",
    params(("key_id" = i64, Path, description = "The key's number", example = 2)), request_body = Renewal,
    responses((status = 200, body = NewKeyView, description = "Renewed"), Error, Conflict))]
async fn reroll_api_key(
    State(keys): State<Keys>,
    caller: Caller,
    Path(key_id): Path<i64>,
    JsonBody(renewal): JsonBody<Renewal>,
) -> Result<Json<NewKeyView>> {
    let (key, text) = keys.renew(&caller, key_id, &renewal).await?;
    let used = keys.usage.total(&caller.tenant, &key.actor()).await?;
    Ok(Json(KeyView::of(key, used).with_text(text.reveal())))
}
