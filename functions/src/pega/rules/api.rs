//! Routes of the rules.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Path, Routes};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::change::RuleEditor;
use super::file::Rules;
use super::risk::Explained;
use crate::access::permission::{ADMIN, EVENTS_READ};
use crate::pega::decision::{Decision, Plan, decide};
use crate::rule_book::{NewRules, RuleVersion, Rules as _, RulesView};

/// `/pega/rules`.
pub fn routes() -> Routes<RuleEditor> {
    Routes::new()
        .guarded(EVENTS_READ.of_people(), routes!(show_rules))
        .guarded(ADMIN.of_admins(), routes!(change_rules))
        .guarded(ADMIN.of_admins(), routes!(reset_rules))
        .guarded(EVENTS_READ.of_people(), routes!(list_rule_versions))
        .guarded(EVENTS_READ.of_people(), routes!(find_rule_version))
        .guarded(EVENTS_READ.of_people(), routes!(try_rules))
}

/// An event to try rules on, which is not stored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Trial {
    /// What Pega would send, with `event`.
    #[schema(value_type = Object)]
    event: Map<String, Value>,
    /// Rules to try instead of those that hold.
    text: Option<String>,
}

/// What would follow.
#[derive(Debug, Serialize, ToSchema)]
struct Outlook {
    /// `process`, or `ignore` for a type that no rule names.
    decision: &'static str,
    /// The risk, where there is one to analyse.
    score: Option<i64>,
    /// How it comes about, if the rules say that it is to be told.
    risk: Option<Explained>,
    /// The note that the case would get.
    alert: Option<String>,
    /// Whether a person would have to approve.
    requires_action: bool,
    /// What would be done, in order, and by whom: `nobody`, `checklist`, `webhook`,
    /// `notify` or `connection`.
    steps: Vec<OutlookStep>,
}

/// A step that would be done.
#[derive(Debug, Serialize, ToSchema)]
struct OutlookStep {
    name: String,
    text: String,
    by: &'static str,
}

/// Shows the rules that hold.
#[utoipa::path(get, path = "/pega/rules", tag = "pega",
    responses((status = 200, body = RulesView, description = "The rules"), Error))]
async fn show_rules(State(editor): State<RuleEditor>, caller: Caller) -> Result<Json<RulesView>> {
    shown(&editor, &caller).await
}

/// Gives the tenant rules of its own, or other ones.
#[utoipa::path(put, path = "/pega/rules", tag = "pega", request_body = NewRules,
    responses((status = 200, body = RulesView, description = "They hold"), Error, Conflict))]
async fn change_rules(
    State(editor): State<RuleEditor>,
    caller: Caller,
    JsonBody(new): JsonBody<NewRules>,
) -> Result<Json<RulesView>> {
    editor.change(&caller, new).await?;
    shown(&editor, &caller).await
}

/// Goes back to the installation's rules.
#[utoipa::path(delete, path = "/pega/rules", tag = "pega",
    responses((status = 200, body = RulesView, description = "They hold"), Error))]
async fn reset_rules(State(editor): State<RuleEditor>, caller: Caller) -> Result<Json<RulesView>> {
    editor.rules.change(&caller, None, None).await?;
    shown(&editor, &caller).await
}

/// Lists the newest versions of the tenant's rules, newest first; fifty at most.
#[utoipa::path(get, path = "/pega/rules/versions", tag = "pega",
    responses((status = 200, body = Vec<RuleVersion>, description = "Without their texts"), Error))]
async fn list_rule_versions(
    State(editor): State<RuleEditor>,
    caller: Caller,
) -> Result<Json<Vec<RuleVersion>>> {
    let versions = editor.rules.versions(&caller.tenant).await?;
    Ok(Json(versions.into_iter().map(RuleVersion::listed).collect()))
}

/// Shows one version.
#[utoipa::path(get, path = "/pega/rules/versions/{version}", tag = "pega",
    params(("version" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = RuleVersion, description = "The version"), Error))]
async fn find_rule_version(
    State(editor): State<RuleEditor>,
    caller: Caller,
    Path(version): Path<i64>,
) -> Result<Json<RuleVersion>> {
    Ok(Json(editor.rules.book.find(&caller.tenant, version).await?.into()))
}

/// Tells what would follow from an event, by the rules that hold or by others. Nothing is
/// stored or done.
#[utoipa::path(post, path = "/pega/rules/try", tag = "pega",
    request_body(content = Trial, examples(("Role change" = (value = json!({
        "event": { "caseId": "HR-12349", "event": "role_change", "employeeId": "EMP005" },
    }))))),
    responses((status = 200, body = Outlook, description = "What would follow"), Error))]
async fn try_rules(
    State(editor): State<RuleEditor>,
    caller: Caller,
    JsonBody(trial): JsonBody<Trial>,
) -> Result<Json<Outlook>> {
    let event = trial.event.get("event").and_then(Value::as_str);
    let event = event.ok_or_else(|| Error::invalid("event.event", "must be text"))?;
    let decision = match &trial.text {
        Some(text) => decide(&Rules::parse(text)?, event, &trial.event),
        None => decide(&editor.rules.book.of(&caller.tenant).await?.rules, event, &trial.event),
    };
    Ok(Json(decision.into()))
}

async fn shown(editor: &RuleEditor, caller: &Caller) -> Result<Json<RulesView>> {
    Ok(Json(editor.rules.book.versioned(&caller.tenant).await?.into()))
}

impl From<Decision> for Outlook {
    fn from(decision: Decision) -> Self {
        let (decision, plan) = match decision {
            Decision::Process(plan) => ("process", plan),
            Decision::Ignore => ("ignore", Plan { risk: None, steps: vec![], facts: vec![] }),
        };
        Self {
            decision,
            score: plan.risk.as_ref().map(|risk| risk.score),
            alert: plan.alert().map(str::to_owned),
            requires_action: plan.must_decide(),
            risk: plan.risk.and_then(|risk| risk.explained),
            steps: plan
                .steps
                .into_iter()
                .map(|step| OutlookStep {
                    by: step.effect.as_ref().map_or("nobody", |effect| effect.kind()),
                    name: step.name,
                    text: step.to_do,
                })
                .collect(),
        }
    }
}
