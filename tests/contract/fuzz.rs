//! A fuzzer calls every operation with what the document allows and with what it does
//! not, and holds every answer to the document.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Clock;
use simulators::Fault;
use simulators::identity::{AUDIENCE, IdentityProvider};
use tests::support::python::output;
use tests::support::{Caller, Credential, Installation, events};
use tokio::process::Command;

/// What each answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance";
/// Cases of each operation beside the ones at the borders of its parameters.
const EXAMPLES: &str = "15";
/// What only an object in a state of its own answers with success: a delivery that failed,
/// an event that waits for a person, a replay or bulk rerun that goes on, a notice that failed,
/// a step run that failed, a ticket that waits or has ended, policies of the tenant's own, a
/// synchronisation that is held, one of an account that is there still, a fact that was sent. And what asks a 1C, which is left out.
const BEYOND: [&str; 32] = [
    "GET /integrations/1c/agents/{start_date}/{end_date}",
    "GET /api/v1/enjaz/accounts/{account_id}/syncs/{sync_id}",
    "POST /integrations/1c/sendSchedule",
    "POST /integrations/1c/getNormHours",
    "POST /integrations/1c/getTimetypeInfo",
    "POST /integrations/1c/sendFactWorkTime",
    "GET /integrations/1c/deviations",
    "POST /integrations/1c/facts/{fact_id}/resolve",
    "POST /integrations/1c/syncs/{sync_id}/confirm",
    "POST /integrations/1c/syncs/{sync_id}/reject",
    "POST /api/v1/notifications/notices/{notice_id}/retry",
    "POST /integrations/webhooks/{webhook_id}/deliveries/{delivery_id}/retry",
    "POST /events/{event_id}/decision",
    "POST /events/replays/{replay_id}/pause",
    "POST /events/replays/{replay_id}/resume",
    "POST /events/replays/{replay_id}/cancel",
    "POST /api/v1/reruns/{bulk_rerun_id}/pause",
    "POST /api/v1/reruns/{bulk_rerun_id}/resume",
    "POST /api/v1/reruns/{bulk_rerun_id}/cancel",
    "POST /api/v1/step-runs/{step_run_id}/rerun",
    "POST /api/v1/step-runs/{step_run_id}/dismiss",
    "POST /support/hil/{ticket_id}",
    "GET /support/tickets/{ticket_id}",
    "POST /support/tickets/{ticket_id}/comments",
    "POST /support/tickets/{ticket_id}/reassign",
    "POST /support/tickets/{ticket_id}/cancel",
    "POST /support/tickets/{ticket_id}/reopen",
    "GET /support/events/{ticket_id}",
    "GET /support/events/{ticket_id}/history",
    "PUT /support/policies",
    "GET /support/policies/versions/{version}",
    "DELETE /support/delegations/{approver_id}",
];
/// How it runs: always with the same cases. A machine with other work is slow, which is no
/// finding.
const ARGUMENTS: [&str; 13] = [
    "openapi.json",
    "--no-color",
    "--generation-deterministic",
    "--max-examples",
    EXAMPLES,
    "--request-timeout",
    "60",
    "--suppress-health-check",
    "all",
    "--report",
    "ndjson",
    // What 1C fails with is told as a failure of its own, which is none of a server's here.
    "--exclude-path-regex",
    "^/integrations/1c/(agents|send|get|deviations)",
];
/// All that it may take; two minutes on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_finds_no_answer_that_the_document_does_not_tell() -> Result<()> {
    let clock = Clock::system();
    let provider = IdentityProvider::start(move || clock.now_ms()).await?;
    let portal = super::enjaz::portal().await?;
    let installation = Installation::start_with(&[
        ("ENJAZ_BASE_URL", &portal.url()),
        ("ENJAZ_MIN_DELAY_MS", "0"),
        ("RATE_LIMIT_PER_MINUTE", "1000000"),
        ("AUTH_FAILURES_PER_MINUTE", "1000000"),
        ("OIDC_ISSUER", &provider.issuer()),
        ("OIDC_AUDIENCE", AUDIENCE),
        // Or each stream would take as long as the fuzzer waits for it.
        ("STREAM_SECONDS", "1"),
    ])
    .await;
    let (_centre, import) = super::contact_center::seed(&installation.admin()).await?;
    let mut examples = seed(&installation, import).await?;
    // An admin whom no call can shut out: the fuzzer revokes keys, its own if it had one.
    let until = Clock::system().now_ms() / 1000 + 3600;
    let claims =
        json!({ "sub": "fuzzer", "aud": AUDIENCE, "permissions": ["admin"], "exp": until });
    let token = provider.token(claims);
    let admin = installation.admin().with(Credential::Bearer(token.clone()));

    // Everybody has accounts of their own: one that stays, and two that may go.
    let mut syncs = Vec::new();
    for label in ["default", "second", "third"] {
        syncs.push(super::enjaz::seed(&admin, label).await?.2);
    }
    examples.push(("00000000-0000-7000-8000-00000000000c".to_owned(), syncs.swap_remove(0)));

    let folder = tempfile::tempdir()?;
    // From a file, as the fuzzer leaves out the operation that serves its document.
    let document = admin.get("/openapi.json").await;
    let text = examples
        .iter()
        .fold(document.text.clone(), |text, (example, id)| text.replace(example.as_str(), id));
    std::fs::write(folder.path().join("openapi.json"), text)?;
    let report = folder.path().join("report.ndjson");
    let fuzzer = super::python().await?.join("schemathesis");
    let mut fuzzer = Command::new(fuzzer);
    fuzzer.current_dir(folder.path()).arg("run").args(ARGUMENTS);
    fuzzer.args(["--url", &installation.target.url, "--checks", CHECKS]);
    fuzzer.args(["--header", &format!("Authorization: Bearer {token}")]);
    fuzzer.arg("--report-ndjson-path").arg(&report).env("NO_PROXY", "*");
    let fuzzing = output(&mut fuzzer);
    tokio::time::timeout(PATIENCE, fuzzing).await.context("it takes too long")??;

    assert_eq!(admin.get("/api/v1/auth/me").await.status, 200);
    let reached = succeeded(&std::fs::read_to_string(&report)?)?;
    let mut missed = operations(&document.json)?;
    missed.retain(|operation| !reached.contains(operation) && !BEYOND.contains(&&**operation));
    assert!(missed.is_empty(), "never called with success: {missed:?}");
    Ok(())
}

/// Makes the objects that the document's examples name: an event that failed, a second
/// key, a source and a tenant. Answers what the examples of ids that are made here are to
/// be replaced by.
async fn seed(installation: &Installation, import: String) -> Result<Vec<(String, String)>> {
    let admin = installation.admin();
    let refused = Fault::Answer(StatusCode::FORBIDDEN, String::new());
    installation.target.pega.faults.plan("POST", "/messages", 1, refused);
    let event = admin.event(&events::high_risk(&events::new_case())).await.event_id();
    assert_eq!((event, &admin.settled(event).await["status"]), (1, &json!("failed")));
    let onboarding = json!({ "caseId": events::new_case(), "event": "employee_onboarding" });
    let event = admin.event(&onboarding).await.event_id();
    assert_eq!((event, &admin.settled(event).await["status"]), (2, &json!("processed")));
    // The first case is the one of the examples, and the first request one that failed.
    installation.target.pega.case("HRSR-Work", &json!({})).context("a case type")?;
    let failed = admin.post_json("/pega/case", &json!({ "case_type": "unknown" })).await;
    ensure!(failed.header("location") == "/pega/requests/1", "{}", failed.text);
    for (path, body) in [
        ("/api/v1/api-keys", json!({ "name": "second" })),
        ("/api/v1/sources", json!({ "name": "hr", "header": {} })),
        ("/api/v1/tenants", json!({ "id": "acme" })),
    ] {
        let made = admin.post_json(path, &body).await;
        ensure!(made.status == 201, "{path}: {}", made.text);
    }
    super::processes::seed(&admin).await?;
    let ids = connections(&admin).await?.into_iter().chain(notifications(&admin).await?);
    let ids = ids.chain([super::personnel::sync(&admin).await?, import]);
    let example = |n: usize| format!("00000000-0000-7000-8000-00000000000{n:x}");
    Ok(ids.enumerate().map(|(at, id)| (example(at + 1), id)).collect())
}

/// Two connections and two mappings, one of each to be deleted, by the examples that
/// stand for them.
async fn connections(admin: &Caller) -> Result<Vec<String>> {
    let connection = json!({ "name": "1C", "integration_type": "1c",
        "endpoint_url": "https://1c.invalid", "authentication_type": "none",
        "config": { "retry_attempts": 0 } });
    let mapping =
        json!({ "source_entity": "a", "target_entity": "b", "field_mappings": { "a": "b" } });
    let made = async |path: &str, body: &Value| id(admin, path, body).await;
    let base = "/integrations/connections";
    let first = made(base, &connection).await?;
    // With a history it stays when it is deleted, and its mappings with it.
    let config = format!("/integrations/1c/config?connection_id={first}");
    let settings = json!({ "retry_attempts": 0 });
    let answer = admin.send(admin.request(Method::PUT, &config).json(&settings)).await;
    ensure!(answer.status == 200, "{}", answer.text);
    let mappings = format!("{base}/{first}/mappings");
    Ok(vec![
        first,
        made(base, &connection).await?,
        made(&mappings, &mapping).await?,
        made(&mappings, &mapping).await?,
    ])
}

/// Two targets of notifications and two rules, one of each to be deleted, and a notice.
async fn notifications(admin: &Caller) -> Result<Vec<String>> {
    let (targets, rules) = ("/api/v1/notifications/targets", "/api/v1/notifications/rules");
    let target =
        json!({ "name": "chat", "kind": "slack", "url": "http://127.0.0.1:9/services/T/B/X" });
    let first = id(admin, targets, &target).await?;
    let second = id(admin, targets, &target).await?;
    let rule = json!({ "name": "rule", "event_types": ["1c.*"], "target_ids": [first] });
    let (kept, gone) = (id(admin, rules, &rule).await?, id(admin, rules, &rule).await?);
    let tried = admin.post(&format!("{targets}/{first}/test")).await;
    let notice = tried.json["notice_id"].as_str().with_context(|| tried.text.clone())?;
    Ok(vec![first, second, kept, gone, notice.to_owned()])
}

/// Makes something, and answers its id.
async fn id(admin: &Caller, path: &str, body: &Value) -> Result<String> {
    let made = admin.post_json(path, body).await;
    Ok(made.json["id"].as_str().with_context(|| made.text.clone())?.to_owned())
}

/// The operations that were answered with success, as the report tells.
fn succeeded(report: &str) -> Result<BTreeSet<String>> {
    let mut reached = BTreeSet::new();
    for line in report.lines() {
        let told: BTreeMap<String, Value> = serde_json::from_str(line)?;
        let Some(scenario) = told.get("ScenarioFinished") else { continue };
        let (cases, calls) =
            (&scenario["recorder"]["cases"], &scenario["recorder"]["interactions"]);
        for (id, case) in cases.as_object().into_iter().flatten() {
            if matches!(calls[id]["response"]["status_code"].as_i64(), Some(200..300)) {
                let text = |name: &str| case["value"][name].as_str().context("a text");
                reached.insert(format!("{} {}", text("method")?, text("path")?));
            }
        }
    }
    Ok(reached)
}

/// Method and path of each operation.
fn operations(document: &Value) -> Result<BTreeSet<String>> {
    let paths = document["paths"].as_object().context("paths")?;
    let named = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, _)| format!("{} {path}", method.to_uppercase()))
    });
    Ok(named.collect())
}
