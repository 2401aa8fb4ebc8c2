//! Reruns and failures as the walk calls them.

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Answer, Caller};

use super::processes::{RUNS, made, run, send};

const BULK: &str = "/api/v1/reruns";

/// Whether this operation is one of reruns.
pub fn has(operation: &str) -> bool {
    operation.contains("rerun") || operation.contains("failure")
}

/// The path of a step run of this process that failed.
async fn failed(admin: &Caller, process: &Value) -> String {
    let run = made(admin, RUNS, &run(&process["id"])).await;
    let path = format!("/api/v1/step-runs/{}", run["steps"][1]["id"]);
    let said = send(admin, Method::PATCH, &path, json!({ "status": "failed" })).await;
    assert_eq!(said.status, 200, "{}", said.text);
    path
}

fn wanted(process: &Value) -> Value {
    json!({ "process_id": process["id"], "reason": "object", "pace": 1 })
}

/// The id of a bulk rerun that goes on.
pub async fn bulk(admin: &Caller, process: &Value) -> Result<String> {
    for _ in 0..5 {
        failed(admin, process).await;
    }
    let begun = admin.post_json(BULK, &wanted(process)).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    Ok(begun.json["id"].as_str().context("an id")?.to_owned())
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller, process: &Value) -> Result<Answer> {
    let own = async || failed(admin, process).await;
    let of_bulk = async |what: &str| -> Result<Answer> {
        let id = bulk(admin, process).await?;
        if what == "resume" {
            admin.post(&format!("{BULK}/{id}/pause")).await;
        }
        Ok(admin.post(&format!("{BULK}/{id}/{what}")).await)
    };
    let why = json!({ "reason": "object" });
    Ok(match operation {
        "rerun_step_run" => admin.post(&format!("{}/rerun", own().await)).await,
        "dismiss_failure" => admin.post_json(&format!("{}/dismiss", own().await), &why).await,
        "take_up_failure" => {
            let path = format!("{}/dismiss", own().await);
            admin.post_json(&path, &why).await;
            admin.delete(&path).await
        }
        "start_bulk_rerun" => admin.post_json(BULK, &wanted(process)).await,
        "pause_bulk_rerun" => of_bulk("pause").await?,
        "resume_bulk_rerun" => of_bulk("resume").await?,
        "cancel_bulk_rerun" => of_bulk("cancel").await?,
        other => bail!("{other} changes something, and this test does not know how to call it"),
    })
}
