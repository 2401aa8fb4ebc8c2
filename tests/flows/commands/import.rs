//! `caseway import`: a file of records, of a server's installation and of a folder's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::support::{CommandLine, Installation};

use super::on_folder;

fn record(agent: usize) -> Value {
    json!({ "agent_id": agent.to_string(), "status": "A", "start_time": "2026-06-01T10:00:00Z" })
}

fn file(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Records, an object a line.
fn lines(records: impl Iterator<Item = Value>) -> String {
    records.map(|record| format!("{record}\n")).collect()
}

async fn import(line: &CommandLine, file: &Path, more: &str) -> Result<String> {
    line.done(&format!("import {} --type agent_status{more}", file.display())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_in_parts_by_a_server_or_without_one() -> Result<()> {
    let Installation { app, folder, target } = Installation::start().await;
    target.admin().contact_center("https://cc.example.com").await;
    let line = on_folder(&folder);
    let files = TempDir::new()?;
    let all = file(files.path(), "all.ndjson", &lines((0..10_250).map(record)))?;
    assert_eq!(import(&line, &all, "").await?, "10250 of 10250 records are imported\n");
    let imports = target.admin().get("/integrations/cc/imports").await.json;
    let sizes = imports.as_array().context("imports")?.iter();
    let sizes: Vec<_> = sizes.map(|one| one["total_records"].as_i64()).collect();
    assert_eq!(sizes, [Some(250), Some(10_000)]);
    assert_eq!(import(&line, &all, "").await?, "10250 of 10250 records are imported\n");
    let kept = json!({ "data_type": "agent_status", "start_date": "2026-06-01",
        "end_date": "2026-06-02", "filters": { "agent_id": "7" } });
    let kept = target.admin().post_json("/integrations/cc/export-data", &kept).await.json;
    assert_eq!(kept["total_records"], 1, "what was imported already is kept once");
    app.stop().await;

    let array = json!([record(1), record(20_000)]).to_string();
    let array = file(files.path(), "array.json", &format!("\u{feff} {array}"))?;
    let told = import(&line, &array, "").await?;
    assert_eq!(told, "2 of 2 records are imported\n", "nobody else works on the folder");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_file_is_what_is_kept() -> Result<()> {
    let Installation { app, folder, target } = Installation::start().await;
    target.admin().contact_center("https://cc.example.com").await;
    let (line, files) = (on_folder(&folder), TempDir::new()?);
    let file = |name: &str| {
        let mut record = record(1);
        record["state_name"] = json!(name);
        file(files.path(), name, &record.to_string())
    };
    let (one, two) = (file("one")?, file("two")?);
    for file in [&one, &two, &one] {
        import(&line, file, " --update-existing").await?;
    }
    let day = "start_date=2026-06-01&end_date=2026-06-02";
    let told = format!("/integrations/cc/historic/agentStatusData?{day}");
    let told = target.admin().get(&told).await.json;
    assert_eq!(told["agent_status_data"][0]["state_name"], "one", "{told:#}");
    app.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_a_file_is_told_by_its_place() -> Result<()> {
    let Installation { app, folder, target } = Installation::start().await;
    target.admin().contact_center("https://cc.example.com").await;
    let line = on_folder(&folder);
    let files = TempDir::new()?;
    let wrong = lines([record(1), json!({}), record(2), json!(7)].into_iter());
    let wrong = file(files.path(), "wrong.ndjson", &wrong)?;
    let command = format!("import {} --type agent_status", wrong.display());
    let ended = line.run(&command).await?;
    let errors = "caseway: record 1: agent_id is required; status is required; start_time is \
        required\ncaseway: record 3: must be an object\n";
    let none = "caseway: there is something wrong with 2 records; none is imported\n";
    assert_eq!((ended.code, ended.err), (Some(1), format!("{errors}{none}")));
    let imports = target.admin().get("/integrations/cc/imports").await.json;
    assert_eq!(imports, json!([]));
    let ended = line.run(&format!("{command} --skip-invalid")).await?;
    assert_eq!(ended.out, "2 of 4 records are imported\n");
    let some = "caseway: 2 records are not imported\n";
    assert_eq!((ended.code, ended.err), (Some(1), format!("{errors}{some}")));

    let broken = file(files.path(), "broken.ndjson", &format!("{}\n{{", record(1)))?;
    for (file, words, why) in [
        (&broken, "--type agent_status", "record 1 cannot be read"),
        (&file(files.path(), "empty", " \n")?, "--type agent_status", "there are no records"),
        (&file(files.path(), "none", "[]")?, "--type agent_status", "there are no records"),
        (&files.path().join("nowhere"), "--type agent_status", "open "),
        (&wrong, "--type colours", "data_type"),
    ] {
        let told = line.refused(&format!("import {} {words}", file.display())).await?;
        assert!(told.contains(why), "{told}");
    }
    app.stop().await;
    Ok(())
}
