//! Processes, steps, templates and runs as the walk and the fuzzer call them.

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Answer, Caller};

use super::reruns;

const PROCESSES: &str = "/api/v1/processes";
const TEMPLATES: &str = "/api/v1/process-templates";
pub const RUNS: &str = "/api/v1/runs";
/// Operations that are called runs and work on a process.
const OF_PROCESSES: [&str; 2] = ["start_run", "neutralize_due_runs"];

fn definition(name: &str) -> Value {
    json!({ "name": name, "meta": { "run_metadata_schema": { "priority": "string" } },
        "steps": [{ "name": "Collect" }, { "name": "Check", "is_rerunnable": true }] })
}

/// A run of this process.
pub fn run(process: &Value) -> Value {
    json!({ "process_id": process, "entity_id": "object", "entity_name": "Acme Corporation",
        "meta": { "priority": "high" } })
}

/// An object of each kind that the document's examples name, the second of each to be
/// deleted.
pub async fn seed(admin: &Caller) -> Result<()> {
    for name in ["first", "second"] {
        for path in [PROCESSES, TEMPLATES] {
            let made = admin.post_json(path, &definition(name)).await;
            ensure!(made.status == 201, "{path}: {}", made.text);
        }
    }
    for _ in 0..3 {
        let made = admin.post_json(RUNS, &run(&json!(1))).await;
        ensure!(made.status == 201, "{}", made.text);
    }
    Ok(())
}

/// One object of each kind, by the path parameter that names it.
pub async fn objects(admin: &Caller) -> Result<impl Fn(&str) -> Option<String> + use<>> {
    let process = made(admin, PROCESSES, &definition("object")).await;
    let template = number(&made(admin, TEMPLATES, &definition("object")).await["id"])?;
    let run = made(admin, RUNS, &run(&process["id"])).await;
    let (process_id, run_id) = (number(&process["id"])?, number(&run["id"])?);
    let step = number(&process["steps"][0]["id"])?;
    let step_run = number(&run["steps"][0]["id"])?;
    let bulk = reruns::bulk(admin, &process).await?;
    Ok(move |parameter: &str| match parameter {
        "process_id" => Some(process_id.clone()),
        "step_id" => Some(step.clone()),
        "template_id" => Some(template.clone()),
        "run_id" => Some(run_id.clone()),
        "step_run_id" => Some(step_run.clone()),
        "bulk_rerun_id" => Some(bulk.clone()),
        _ => None,
    })
}

/// Whether this operation is one of processes.
pub fn has(operation: &str) -> bool {
    let words = ["process", "run", "step", "neutralize", "failure"];
    let others = ["dry_run", "pega"];
    !others.iter().any(|word| operation.contains(word))
        && words.iter().any(|word| operation.contains(word))
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller, fresh: &str) -> Result<Answer> {
    let process = made(admin, PROCESSES, &definition(fresh)).await;
    if operation.contains("template") {
        return change_template(operation, admin, fresh).await;
    }
    if reruns::has(operation) {
        return reruns::change(operation, admin, &process).await;
    }
    if operation.contains("run") && !OF_PROCESSES.contains(&operation) {
        return change_run(operation, admin, &process).await;
    }
    let own = format!("{PROCESSES}/{}", process["id"]);
    let step = format!("/api/v1/steps/{}", process["steps"][0]["id"]);
    Ok(match operation {
        "create_process" => admin.post_json(PROCESSES, &definition(fresh)).await,
        "update_process" => send(admin, Method::PATCH, &own, json!({ "name": "other" })).await,
        "delete_process" => admin.delete(&own).await,
        "restore_process" => {
            admin.delete(&own).await;
            admin.post(&format!("{own}/restore")).await
        }
        "neutralize_due_runs" => {
            let retention = json!({ "retention_months": 6 });
            send(admin, Method::PUT, &format!("{own}/retention"), retention).await;
            let due = json!({ "process_id": process["id"], "dry_run": false });
            admin.post_json("/api/v1/admin/cleanup/neutralize", &due).await
        }
        "retain_process" => {
            let retention = json!({ "retention_months": 6 });
            send(admin, Method::PUT, &format!("{own}/retention"), retention).await
        }
        "add_step" => {
            let added = json!({ "process_id": process["id"], "name": fresh });
            admin.post_json("/api/v1/steps", &added).await
        }
        "change_step" => send(admin, Method::PATCH, &step, json!({ "name": "other" })).await,
        "remove_step" => admin.delete(&step).await,
        "start_run" => admin.post_json(RUNS, &run(&process["id"])).await,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

async fn change_template(operation: &str, admin: &Caller, fresh: &str) -> Result<Answer> {
    let template = made(admin, TEMPLATES, &definition(fresh)).await;
    let own = format!("{TEMPLATES}/{}", template["id"]);
    Ok(match operation {
        "add_process_template" => admin.post_json(TEMPLATES, &definition(fresh)).await,
        "replace_process_template" => send(admin, Method::PUT, &own, definition("other")).await,
        "remove_process_template" => admin.delete(&own).await,
        "create_process_of_template" => admin.post(&format!("{own}/processes")).await,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

async fn change_run(operation: &str, admin: &Caller, process: &Value) -> Result<Answer> {
    let run = made(admin, RUNS, &run(&process["id"])).await;
    let own = format!("{RUNS}/{}", run["id"]);
    let step = format!("/api/v1/step-runs/{}", run["steps"][0]["id"]);
    Ok(match operation {
        "change_run_metadata" => {
            let meta = json!({ "meta": { "priority": "low" } });
            send(admin, Method::PATCH, &format!("{own}/metadata"), meta).await
        }
        "cancel_run" => admin.post(&format!("{own}/cancel")).await,
        "delete_run" => admin.delete(&own).await,
        "restore_run" => {
            admin.delete(&own).await;
            admin.post(&format!("{own}/restore")).await
        }
        "neutralize_run" => admin.post(&format!("{own}/neutralize")).await,
        "add_step_run" => {
            let added = json!({ "run_id": run["id"], "step_id": process["steps"][0]["id"] });
            admin.post_json("/api/v1/step-runs", &added).await
        }
        "change_step_run" => {
            send(admin, Method::PATCH, &step, json!({ "status": "running" })).await
        }
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}

/// The answer to a body that makes something.
pub async fn made(admin: &Caller, path: &str, body: &Value) -> Value {
    let made = admin.post_json(path, body).await;
    assert_eq!(made.status, 201, "{path}: {}", made.text);
    made.json
}

/// Sends a body.
pub async fn send(admin: &Caller, method: Method, path: &str, body: Value) -> Answer {
    admin.send(admin.request(method, path).json(&body)).await
}

fn number(id: &Value) -> Result<String> {
    id.as_i64().map(|id| id.to_string()).context("a number")
}
