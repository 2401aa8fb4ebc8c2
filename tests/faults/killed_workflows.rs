//! `kill -9` between the steps of workflows: every ticket ends as without it, and everything
//! is done once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::steps::Steps;
use tempfile::TempDir;
use tests::support::{Caller, Process};

use crate::flows::support::{numbered, request, steps};

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");
const KILLS: usize = 20;
/// What is done for each ticket before a manager is asked, and afterwards.
const BEFORE: [&str; 2] = ["open", "check"];
const AFTERWARDS: [&str; 2] = ["grant", "tell"];

/// Steps of the system behind this connection around a question to a manager.
fn around_a_question(connection: &str) -> String {
    format!(
        "{}[[policies.steps]]
        id = 'sign'
        description = 'Sign for it'
        actor = 'manager_approval'
        after = ['open', 'check']
        {}",
        steps::steps_by(connection, &BEFORE, &[]),
        steps::steps_by(connection, &AFTERWARDS, &["sign"]),
    )
}

/// Calls as someone whom a kill may cut off.
async fn sent(caller: &Caller, method: Method, path: &str, body: &Value) -> Result<Value> {
    let answer = caller.try_send(caller.request(method, path).json(body)).await?;
    ensure!(answer.status == 200, "{path}: {}", answer.text);
    Ok(answer.json)
}

/// Asks for things, and approves what waits for it, until the process is gone.
async fn ask_and_approve(caller: Caller, asked: Arc<Mutex<Vec<String>>>) -> Result<()> {
    let waiting = "/support/tickets?status=waiting_for_approval";
    loop {
        let new = sent(&caller, Method::POST, "/support/request", &request("anything")).await?;
        let id = new["ticket_id"].as_str().context("an id")?;
        asked.lock().unwrap().push(id.to_owned());
        let waiting = caller.try_send(caller.request(Method::GET, waiting)).await?.json;
        for ticket in waiting["tickets"].as_array().context("a list")? {
            approve(&caller, ticket).await?;
        }
    }
}

/// Approves, unless somebody has done it.
async fn approve(caller: &Caller, ticket: &Value) -> Result<()> {
    let path = format!("/support/hil/{}", ticket["ticket_id"].as_str().context("an id")?);
    let yes = json!({ "answer": "Yes", "approval": true, "approver_id": "MANAGER001" });
    let answer = caller.try_send(caller.request(Method::POST, &path).json(&yes)).await?;
    ensure!([200, 409].contains(&answer.status), "{}", answer.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workflows_end_as_others_do() -> Result<()> {
    let (system, folder) = (Steps::start_for_tickets().await?, TempDir::new()?);
    for step in BEFORE.iter().chain(&AFTERWARDS) {
        system.knows(step, StatusCode::OK, json!({}));
    }
    let (process, admin) = Process::start_watched(CASEWAY, folder.path()).await?;
    steps::go_by_steps_of(&system, &admin, around_a_question).await;
    process.kill().await?;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut random = fastrand::Rng::new();
    println!("random seed {}", random.get_seed());
    for _ in 0..KILLS {
        // Some calls are under way for a while, so that kills fall into them.
        for step in ["/steps/open", "/steps/check", "/steps/grant", "/steps/tell"] {
            system.faults.plan("POST", step, 20, Fault::Delay(Duration::from_millis(20)));
        }
        let (process, admin) = Process::start_watched(CASEWAY, folder.path()).await?;
        let asking = tokio::spawn(ask_and_approve(admin, asked.clone()));
        tokio::time::sleep(Duration::from_millis(random.u64(50..600))).await;
        process.kill().await?;
        // It ended with the process.
        let _ = asking.await?;
        system.faults.clear();
    }
    let (process, admin) = Process::start_watched(CASEWAY, folder.path()).await?;
    let asked = asked.lock().unwrap().clone();
    println!("{} asked for over {KILLS} kills", asked.len());
    assert!(asked.len() > KILLS, "the load was too small to mean anything");
    for id in &asked {
        check(&system, &admin, id).await?;
    }
    assert!(system.calls() > system.done().len(), "no kill fell between a call and its record");
    process.kill().await
}

/// That a ticket ends, and what was done for it was done once.
async fn check(system: &Steps, admin: &Caller, id: &str) -> Result<()> {
    let path = format!("/support/tickets/{id}");
    let ticket = admin.get_when(&path, |it| it["status"] == "waiting_for_approval" || ended(it));
    approve(admin, &ticket.await).await?;
    let ended = admin.get_when(&path, ended).await;
    assert_eq!(ended["status"], "resolved", "{ended:#}");
    let done = system.done();
    let of_this = done.iter().filter(|told| told["ticket_id"] == id);
    let done: Vec<_> = of_this.filter_map(|told| told["step"].as_str()).collect();
    assert_eq!(done, [BEFORE, AFTERWARDS].concat(), "{id}: each once, and in order");
    let history = admin.get(&format!("/support/events/{id}/history")).await.json;
    assert_eq!(
        numbered(&history),
        [
            ["pending", "in_progress", "in_progress", "in_progress"].as_slice(),
            &["in_progress", "waiting_for_approval", "hil_response"],
            &["in_progress", "in_progress", "in_progress", "resolved"],
        ]
        .concat()
    );
    Ok(())
}

fn ended(ticket: &Value) -> bool {
    ["resolved", "denied", "error"].iter().any(|status| ticket["status"] == *status)
}
