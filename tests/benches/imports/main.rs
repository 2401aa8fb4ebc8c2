//! `cargo bench -p tests --bench imports`: how long ten thousand records take to be imported
//! by the local process, its data on disk: new ones, the same again, and ones that replace
//! them; beside what the bare database takes to put as many rows, one by one.

#[path = "../bare.rs"]
mod bare;

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::support::{Caller, Credential, Process, Vars};

const RECORDS: usize = 10_000;
/// Agents whose records they are.
const AGENTS: usize = 500;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let path = folder.path().to_owned();
        let bare = tokio::task::spawn_blocking(move || bare::a_second(&path, put)).await??;
        let alone = RECORDS as f64 / bare;
        println!("the bare database puts as many rows in {alone:.2} s");
        let caseway = env!("CARGO_BIN_EXE_caseway-under-test");
        let process = Process::start(caseway, folder.path(), &Vars::new()).await?;
        let key = std::fs::read_to_string(folder.path().join("admin.key"))?.trim().to_owned();
        let admin = Caller::new(&process.url, Credential::Bearer(key));
        admin.contact_center("https://cc.example.com").await;
        println!("{:>24} {:>8} {:>10} {:>12}", "10,000 records", "s", "records/s", "of the bare");
        import(&admin, "new", &records("A", false), alone).await?;
        import(&admin, "the same again", &records("A", false), alone).await?;
        import(&admin, "that replace others", &records("B", true), alone).await?;
        process.kill().await
    })
}

/// Imports records, and prints how long that took.
async fn import(admin: &Caller, what: &str, body: &Value, alone: f64) -> Result<()> {
    let begun = Instant::now();
    let mut done = admin.post_json("/integrations/cc/bulk-import", body).await;
    while done.json["status"] == "started" {
        let id = done.json["batch_id"].as_str().unwrap_or_default();
        done = admin.get(&format!("/integrations/cc/imports/{id}")).await;
    }
    let took = begun.elapsed().as_secs_f64();
    ensure!(done.json["successful_records"] == RECORDS, "{}", done.text);
    let (a_second, ratio) = (RECORDS as f64 / took, took / alone);
    println!("{what:>24} {took:>8.2} {a_second:>10.0} {ratio:>12.2}");
    Ok(())
}

/// Stretches of agents in a status, each of a minute.
fn records(state: &str, update_existing: bool) -> Value {
    let record = |number: usize| {
        let (agent, at) = (number % AGENTS, 1_767_225_600_000 + (number / AGENTS) as i64 * 60_000);
        json!({ "agent_id": agent.to_string(), "status": "S", "state_name": state,
            "start_time": shared::web::to_the_second(at) })
    };
    json!({ "data_type": "agent_status", "update_existing": update_existing,
        "data": (0..RECORDS).map(record).collect::<Vec<_>>() })
}

/// The put of a record, with an item as the service writes it.
fn put(with: &bare::Thread, number: u64) -> Result<()> {
    let (agent, at) = (number % 500, 1_795_304_839_337 + number);
    let raw = "{\"agent_id\":\"1\",\"status\":\"S\",\"state_name\":\"A\",\"start_time\":\
        \"2026-01-01T00:00:00Z\"}";
    with.database.put_item(bare::of(&json!({ "TableName": "WorkforceTable", "Item": {
        "pk": {"S": format!("T#default#CC-STATUS#01a2011c-8a96-7447-9b4f#2026-01#{agent}")},
        "sk": {"S": format!("{at:015}#1#S")}, "mark": {"S": "entered"},
        "agent": {"S": agent.to_string()}, "state_code": {"S": "S"}, "state_name": {"S": "A"},
        "start": {"N": at.to_string()}, "origin": {"S": "bulk_import"}, "raw": {"S": raw},
        "expires_at": {"N": "1829864839"},
    }}))?)?;
    with.settle();
    Ok(())
}
