//! Routes of rules.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared::error::{Error, Result};
use shared::web::{Caller, Changed, Conflict, JsonBody, Path, Routes};
use utoipa_axum::routes;

use super::rules::{NewRule, Preview, Previewed, RuleFields, RuleView};
use super::store::Notifications;
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ};

/// Routes below `/api/v1/notifications/rules`.
pub(super) fn routes() -> Routes<Notifications> {
    Routes::new()
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(create_notification_rule))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_notification_rules))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(preview_notification_rule))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_notification_rule))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(update_notification_rule))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(delete_notification_rule))
}

/// Makes a rule.
#[utoipa::path(post, path = "/api/v1/notifications/rules", tag = "notifications",
    request_body(content = NewRule, examples(("What fails" = (value = json!({
        "name": "What fails", "event_types": ["*"], "severity": "error",
        "target_ids": ["00000000-0000-7000-8000-000000000005"],
    }))))),
    responses((status = 201, body = RuleView, description = "Made"), Error, Conflict))]
async fn create_notification_rule(
    State(notifications): State<Notifications>,
    caller: Caller,
    JsonBody(new): JsonBody<NewRule>,
) -> Result<(StatusCode, Json<RuleView>)> {
    let rule = notifications.make_rule(&caller, new).await?;
    Ok((StatusCode::CREATED, Json(rule.into())))
}

/// Lists rules, the newest first.
#[utoipa::path(get, path = "/api/v1/notifications/rules", tag = "notifications",
    responses((status = 200, body = Vec<RuleView>, description = "Rules"), Error))]
async fn list_notification_rules(
    State(notifications): State<Notifications>,
    caller: Caller,
) -> Result<Json<Vec<RuleView>>> {
    let rules = notifications.rules(&caller.tenant).await?;
    Ok(Json(rules.into_iter().map(Into::into).collect()))
}

/// Shows what a notice would say, and when it would go out, without sending it.
#[utoipa::path(post, path = "/api/v1/notifications/rules/preview", tag = "notifications",
    request_body = Preview,
    responses((status = 200, body = Previewed, description = "The notice"), Error))]
async fn preview_notification_rule(
    State(notifications): State<Notifications>,
    caller: Caller,
    JsonBody(wanted): JsonBody<Preview>,
) -> Result<Json<Previewed>> {
    notifications.preview(&caller, wanted).map(Json)
}

/// Shows one rule.
#[utoipa::path(get, path = "/api/v1/notifications/rules/{rule_id}", tag = "notifications",
    params(("rule_id" = String, Path, description = "The rule's id",
        example = "00000000-0000-7000-8000-000000000007")),
    responses((status = 200, body = RuleView, description = "The rule"), Error))]
async fn find_notification_rule(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(rule_id): Path<String>,
) -> Result<Json<RuleView>> {
    let rule = notifications.rule(&caller.tenant, &rule_id).await?;
    Ok(Json(rule.into()))
}

/// Changes a rule; what is not given stays as it is.
#[utoipa::path(put, path = "/api/v1/notifications/rules/{rule_id}", tag = "notifications",
    params(("rule_id" = String, Path, description = "The rule's id",
        example = "00000000-0000-7000-8000-000000000007")),
    request_body(content = RuleFields, examples(("Name" = (value = json!({
        "name": "What fails at night",
    }))))),
    responses((status = 200, body = RuleView, description = "What it is now"), Error, Conflict))]
async fn update_notification_rule(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(rule_id): Path<String>,
    Changed(changed): Changed<RuleFields>,
) -> Result<Json<RuleView>> {
    let rule = notifications.update_rule(&caller, &rule_id, changed).await?;
    Ok(Json(rule.into()))
}

/// Removes a rule.
///
/// What is on its way goes out all the same, in the usual words.
#[utoipa::path(delete, path = "/api/v1/notifications/rules/{rule_id}", tag = "notifications",
    params(("rule_id" = String, Path, description = "The rule's id",
        example = "00000000-0000-7000-8000-000000000008")),
    responses((status = 204, description = "Removed"), Error, Conflict))]
async fn delete_notification_rule(
    State(notifications): State<Notifications>,
    caller: Caller,
    Path(rule_id): Path<String>,
) -> Result<StatusCode> {
    notifications.remove_rule(&caller, &rule_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
