//! Routes of notifications: targets, and what belongs to all of it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Changed, Conflict, JsonBody, Path, Routes};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::stats::NoticeStatistics;
use super::store::Notifications;
use super::targets::{NewTarget, TargetFields, TargetView};
use super::{api_notices, api_rules};
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ, INTEGRATIONS_WRITE};

/// `/api/v1/notifications`.
pub fn routes() -> Routes<Notifications> {
    Routes::new()
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(create_notification_target))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_notification_targets))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_notification_target))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(update_notification_target))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(delete_notification_target))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(test_notification_target))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(enable_notification_target))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(show_notification_stats))
        .and(api_rules::routes())
        .and(api_notices::routes())
}

/// That a notice is on its way.
#[derive(Serialize, ToSchema)]
pub(super) struct OnItsWay {
    pub notice_id: String,
}

/// Registers a target of notifications.
///
/// The address of a channel is a secret, which is kept and never shown again.
#[utoipa::path(post, path = "/api/v1/notifications/targets", tag = "notifications",
    request_body(content = NewTarget, examples(("Slack" = (value = json!({
        "name": "On-call channel", "kind": "slack",
        "url": "https://hooks.slack.com/services/T01ABCDEF/B01ABCDEF/example-of-an-address",
    }))))),
    responses((status = 201, body = TargetView, description = "Registered"), Error, Conflict))]
async fn create_notification_target(
    State(notifications): State<Notifications>,
    caller: Caller,
    JsonBody(new): JsonBody<NewTarget>,
) -> Result<(StatusCode, Json<TargetView>)> {
    let target = notifications.register(&caller, new).await?;
    Ok((StatusCode::CREATED, Json(target.into())))
}

/// Lists targets, the newest first.
#[utoipa::path(get, path = "/api/v1/notifications/targets", tag = "notifications",
    responses((status = 200, body = Vec<TargetView>, description = "Targets"), Error))]
async fn list_notification_targets(
    State(notifications): State<Notifications>,
    caller: Caller,
) -> Result<Json<Vec<TargetView>>> {
    let targets = notifications.targets(&caller.tenant).await?;
    Ok(Json(targets.into_iter().map(Into::into).collect()))
}

/// Shows one target.
#[utoipa::path(get, path = "/api/v1/notifications/targets/{target_id}", tag = "notifications",
    params(("target_id" = String, Path, description = "The target's id",
        example = "00000000-0000-7000-8000-000000000005")),
    responses((status = 200, body = TargetView, description = "The target"), Error))]
async fn find_notification_target(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(target_id): Path<String>,
) -> Result<Json<TargetView>> {
    let target = notifications.target(&caller.tenant, &target_id).await?;
    Ok(Json(target.into()))
}

/// Changes a target, or its address; what is not given stays as it is.
#[utoipa::path(put, path = "/api/v1/notifications/targets/{target_id}", tag = "notifications",
    params(("target_id" = String, Path, description = "The target's id",
        example = "00000000-0000-7000-8000-000000000005")),
    request_body = TargetFields,
    responses((status = 200, body = TargetView, description = "What it is now"), Error, Conflict))]
async fn update_notification_target(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(target_id): Path<String>,
    Changed(changed): Changed<TargetFields>,
) -> Result<Json<TargetView>> {
    let target = notifications.update_target(&caller, &target_id, changed).await?;
    Ok(Json(target.into()))
}

/// Removes a target.
///
/// What is still on its way there ends as failed; rules that name it pass over it.
#[utoipa::path(delete, path = "/api/v1/notifications/targets/{target_id}", tag = "notifications",
    params(("target_id" = String, Path, description = "The target's id",
        example = "00000000-0000-7000-8000-000000000006")),
    responses((status = 204, description = "Removed"), Error, Conflict))]
async fn delete_notification_target(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(target_id): Path<String>,
) -> Result<StatusCode> {
    notifications.remove_target(&caller, &target_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a notice that tries a target out, whether it is active or not.
#[utoipa::path(post, path = "/api/v1/notifications/targets/{target_id}/test",
    tag = "notifications",
    params(("target_id" = String, Path, description = "The target's id",
        example = "00000000-0000-7000-8000-000000000005")),
    responses((status = 202, body = OnItsWay, description = "On its way"), Error, Conflict))]
async fn test_notification_target(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(target_id): Path<String>,
) -> Result<(StatusCode, Json<OnItsWay>)> {
    let notice_id = notifications.test(&caller, &target_id).await?;
    Ok((StatusCode::ACCEPTED, Json(OnItsWay { notice_id })))
}

/// Makes a target active again that was disabled.
///
/// What failed meanwhile stays failed until it is tried again.
#[utoipa::path(post, path = "/api/v1/notifications/targets/{target_id}/enable",
    tag = "notifications",
    params(("target_id" = String, Path, description = "The target's id",
        example = "00000000-0000-7000-8000-000000000005")),
    responses((status = 200, body = TargetView, description = "What it is now"), Error, Conflict))]
async fn enable_notification_target(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(target_id): Path<String>,
) -> Result<Json<TargetView>> {
    let target = notifications.enable(&caller, &target_id).await?;
    Ok(Json(target.into()))
}

/// Tells how notices of the last thirty days went.
#[utoipa::path(get, path = "/api/v1/notifications/stats", tag = "notifications",
    responses((status = 200, body = NoticeStatistics, description = "Counts"), Error))]
async fn show_notification_stats(
    State(notifications): State<Notifications>,
    caller: Caller,
) -> Result<Json<NoticeStatistics>> {
    notifications.statistics(&caller.tenant).await.map(Json)
}
