//! `kill -9` in the middle of a bulk import: what is counted is what there is.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::support::Process;

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");
const CC: &str = "/integrations/cc";
const KILLS: i64 = 4;
const RECORDS: usize = 2000;

/// Records of which one in a hundred cannot be imported.
fn records() -> Value {
    let record = |number: usize| {
        let agent = if number.is_multiple_of(100) { String::new() } else { number.to_string() };
        json!({ "agent_id": agent, "status": "A", "start_time": "2026-06-01T10:00:00Z" })
    };
    json!({ "data_type": "agent_status", "data": (0..RECORDS).map(record).collect::<Vec<_>>(),
        "validate_before_import": false, "batch_size": 100 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_goes_on_and_counts_what_there_is() -> Result<()> {
    let folder = TempDir::new()?;
    let (mut process, mut admin) = Process::start_watched(CASEWAY, folder.path()).await?;
    admin.contact_center("https://cc.example.com").await;
    let request = admin.request(Method::POST, &format!("{CC}/bulk-import"));
    let taken = admin.send(request.header("prefer", "respond-async").json(&records())).await;
    ensure!(taken.status == 202, "{}", taken.text);
    let place = taken.header("location").to_owned();
    let done = |import: &Value| import["successful_records"].as_i64().unwrap_or(0);
    let mut seen = Vec::new();
    for kill in 1..=KILLS {
        let enough = |import: &Value| done(import) >= kill * 300 || import["status"] != "started";
        seen.push(done(&admin.get_when(&place, enough).await));
        process.kill().await?;
        (process, admin) = Process::start_watched(CASEWAY, folder.path()).await?;
    }
    let most = i64::try_from(RECORDS - RECORDS / 100)?;
    ensure!(seen.first().is_some_and(|done| *done < most), "no kill fell into it: {seen:?}");
    let over = admin.get_when(&place, |import| import["status"] != "started").await;
    let told = ["status", "successful_records", "failed_records"].map(|name| over[name].clone());
    assert_eq!(told, [json!("completed"), json!(1980), json!(20)], "{over:#}");
    let errors = admin.get(&format!("{place}/errors")).await.json;
    let errors = errors["errors"].as_array().context("errors")?;
    let places: Vec<_> = errors.iter().map(|error| error["record_index"].as_i64()).collect();
    let wrong: Vec<_> = (0..20).map(|number| Some(number * 100)).collect();
    assert_eq!(places, wrong, "each once");
    let export = json!({ "data_type": "agent_status", "start_date": "2026-06-01",
        "end_date": "2026-06-02" });
    let kept = admin.post_json(&format!("{CC}/export-data"), &export).await.json;
    assert_eq!(kept["total_records"], 1980);
    process.kill().await
}
