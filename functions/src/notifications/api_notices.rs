//! Routes of notices.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, Page, Path, Query, Routes, next_link, page_limit};
use utoipa_axum::routes;

use super::api::OnItsWay;
use super::notices::{NoticeDetail, NoticeFilter, NoticeView};
use super::store::Notifications;
use crate::access::permission::{INTEGRATIONS_READ, INTEGRATIONS_WRITE};

/// Notices listed at most, and when nothing else is asked for.
const MOST: usize = 1000;
const USUAL: usize = 100;

/// Routes below `/api/v1/notifications/notices`.
pub(super) fn routes() -> Routes<Notifications> {
    Routes::new()
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_notices))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_notice))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(retry_notice))
}

/// Lists notices, the newest first.
#[utoipa::path(get, path = "/api/v1/notifications/notices", tag = "notifications",
    params(NoticeFilter),
    responses((status = 200, body = Vec<NoticeView>, description = "Notices",
        headers(("link" = String, description = "The next page, if there is one"))), Error))]
async fn list_notices(
    State(notifications): State<Notifications>,
    caller: Caller,
    uri: Uri,
    Query(filter): Query<NoticeFilter>,
) -> Result<Page<NoticeView>> {
    let limit = page_limit(filter.limit, USUAL, MOST)?;
    let (items, next) = notifications.notices(&caller.tenant, &filter, limit).await?;
    let next = next.map(|cursor| next_link::<NoticeFilter>(&uri, &cursor));
    Ok(Page { items, next })
}

/// Shows a notice and the attempts at it.
#[utoipa::path(get, path = "/api/v1/notifications/notices/{notice_id}", tag = "notifications",
    params(("notice_id" = String, Path, description = "The notice's id",
        example = "00000000-0000-7000-8000-000000000009")),
    responses((status = 200, body = NoticeDetail, description = "The notice"), Error))]
async fn find_notice(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(notice_id): Path<String>,
) -> Result<Json<NoticeDetail>> {
    notifications.notice(&caller.tenant, &notice_id).await.map(Json)
}

/// Has a notice tried again that failed or waits, with all of its attempts before it.
#[utoipa::path(post, path = "/api/v1/notifications/notices/{notice_id}/retry",
    tag = "notifications",
    params(("notice_id" = String, Path, description = "The notice's id",
        example = "00000000-0000-7000-8000-000000000009")),
    responses((status = 202, body = OnItsWay, description = "On its way"),
        (status = 400, description = "It was sent already", body = shared::web::Problem,
            content_type = "application/problem+json"), Error, Conflict))]
async fn retry_notice(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(notice_id): Path<String>,
) -> Result<(StatusCode, Json<OnItsWay>)> {
    notifications.retry(&caller, &notice_id).await?;
    Ok((StatusCode::ACCEPTED, Json(OnItsWay { notice_id })))
}
