//! `kill -9` while Pega is asked for what a caller waits for.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::pega::Pega;
use tempfile::TempDir;
use tests::support::{Caller, Credential, Process, variables};

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_leaves_an_unknown_outcome_and_no_second_case() -> Result<()> {
    let (pega, folder) = (Pega::start().await?, TempDir::new()?);
    let vars = variables(&pega.url());
    let admin = |process: &Process| -> Result<Caller> {
        let key = std::fs::read_to_string(folder.path().join("admin.key"))?;
        Ok(Caller::new(&process.url, Credential::Bearer(key.trim().to_owned())))
    };
    let process = Process::start(CASEWAY, folder.path(), &vars).await?;
    let (reached, _go_on) = pega.faults.plan_held("POST", "/cases", Fault::Cut);
    let caller = admin(&process)?;
    let asking = tokio::spawn(async move {
        let new = json!({ "case_type": "HRSR-Work" });
        caller.try_send(caller.request(reqwest::Method::POST, "/pega/case").json(&new)).await
    });
    reached.await.context("the call is there")?;
    // What Pega did of it before it was cut off.
    pega.case(super::PLAIN, &json!({})).context("a case type")?;
    process.kill().await?;
    assert!(asking.await?.is_err());

    let process = Process::start(CASEWAY, folder.path(), &vars).await?;
    let admin = admin(&process)?;
    let failed = |request: &Value| request["status"] == "failed";
    let request = admin.get_when("/pega/requests/1", failed).await;
    assert_eq!(request["error"]["meaning"], "unknown_outcome", "{request:#}");
    assert_eq!(pega.cases().len(), 1);
    assert_eq!(admin.get("/pega/requests?status=failed").await.json[0]["id"], 1);
    Ok(())
}
