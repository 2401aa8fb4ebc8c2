//! Routes of the policies.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Path, Routes};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::change::PolicyEditor;
use super::file::Policies;
use crate::access::permission::{ADMIN, TICKETS_READ};
use crate::rule_book::{NewRules, RuleVersion, Rules, RulesView};
use crate::support::tickets::{NewRequest, PlanView};
use crate::support::workflow::{Assessment, by_rules};

/// `/support/policies`.
pub fn routes() -> Routes<PolicyEditor> {
    Routes::new()
        .guarded(TICKETS_READ.of_people(), routes!(show_policies))
        .guarded(ADMIN.of_admins(), routes!(change_policies))
        .guarded(ADMIN.of_admins(), routes!(reset_policies))
        .guarded(TICKETS_READ.of_people(), routes!(list_policy_versions))
        .guarded(TICKETS_READ.of_people(), routes!(find_policy_version))
        .guarded(TICKETS_READ.of_people(), routes!(try_policies))
}

/// A request to try policies on, which is not made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyTrial {
    request: NewRequest,
    /// Policies to try instead of those that hold.
    text: Option<String>,
}

/// What would follow.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyOutlook {
    assessment: Assessment,
    plan: PlanView,
}

/// Shows the policies that hold.
#[utoipa::path(get, path = "/support/policies", tag = "support",
    responses((status = 200, body = RulesView, description = "The policies"), Error))]
async fn show_policies(
    State(editor): State<PolicyEditor>,
    caller: Caller,
) -> Result<Json<RulesView>> {
    shown(&editor, &caller).await
}

/// Gives the tenant policies of its own, or other ones. They hold for what is decided from
/// then on.
#[utoipa::path(put, path = "/support/policies", tag = "support", request_body = NewRules,
    responses((status = 200, body = RulesView, description = "They hold"), Error, Conflict))]
async fn change_policies(
    State(editor): State<PolicyEditor>,
    caller: Caller,
    JsonBody(new): JsonBody<NewRules>,
) -> Result<Json<RulesView>> {
    editor.change(&caller, new).await?;
    shown(&editor, &caller).await
}

/// Goes back to the installation's policies.
#[utoipa::path(delete, path = "/support/policies", tag = "support",
    responses((status = 200, body = RulesView, description = "They hold"), Error))]
async fn reset_policies(
    State(editor): State<PolicyEditor>,
    caller: Caller,
) -> Result<Json<RulesView>> {
    editor.rules.change(&caller, None, None).await?;
    shown(&editor, &caller).await
}

/// Lists the newest versions of the tenant's policies, newest first; fifty at most.
#[utoipa::path(get, path = "/support/policies/versions", tag = "support",
    responses((status = 200, body = Vec<RuleVersion>, description = "Without their texts"), Error))]
async fn list_policy_versions(
    State(editor): State<PolicyEditor>,
    caller: Caller,
) -> Result<Json<Vec<RuleVersion>>> {
    let versions = editor.rules.versions(&caller.tenant).await?;
    Ok(Json(versions.into_iter().map(RuleVersion::listed).collect()))
}

/// Shows one version.
#[utoipa::path(get, path = "/support/policies/versions/{version}", tag = "support",
    params(("version" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = RuleVersion, description = "The version"), Error))]
async fn find_policy_version(
    State(editor): State<PolicyEditor>,
    caller: Caller,
    Path(version): Path<i64>,
) -> Result<Json<RuleVersion>> {
    Ok(Json(editor.rules.book.find(&caller.tenant, version).await?.into()))
}

/// Tells what would follow from a request, by the policies that hold or by others, without
/// asking a language model. Nothing is stored or done.
#[utoipa::path(post, path = "/support/policies/try", tag = "support", request_body = PolicyTrial,
    responses((status = 200, body = PolicyOutlook, description = "What would follow"), Error))]
async fn try_policies(
    State(editor): State<PolicyEditor>,
    caller: Caller,
    JsonBody(trial): JsonBody<PolicyTrial>,
) -> Result<Json<PolicyOutlook>> {
    let ticket = trial.request.untold(&caller)?;
    let (assessment, plan) = match &trial.text {
        Some(text) => by_rules(&Policies::parse(text)?, "a trial", &ticket)?,
        None => {
            let held = editor.rules.book.of(&caller.tenant).await?;
            by_rules(&held.rules, &held.name(), &ticket)?
        }
    };
    Ok(Json(PolicyOutlook { assessment, plan: PlanView::of(&plan) }))
}

async fn shown(editor: &PolicyEditor, caller: &Caller) -> Result<Json<RulesView>> {
    Ok(Json(editor.rules.book.versioned(&caller.tenant).await?.into()))
}
