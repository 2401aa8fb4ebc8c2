//! A worker that dies in the middle of its call to Pega: its event can be driven by
//! hand as soon as the lease is over, and not before. And a process that is told to
//! end: it answers what is open and goes in peace.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use functions::pega;
use local::embedded::{Embedded, table_variables};
use shared::clock::{Clock, timestamp};
use shared::env::Env;
use shared::jobs::Policy;
use shared::queue::Hint;
use shared::table::Key;
use simulators::Fault;
use simulators::pega::Pega;
use tempfile::TempDir;
use tests::support::{Caller, Credential, Nowhere, Process, Service, events, variables};

const CASEWAY: &str = env!("CARGO_BIN_EXE_caseway-under-test");

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_worker_died_can_be_driven_by_hand() -> Result<()> {
    let (pega_system, database) = (Pega::start().await?, Embedded::in_memory()?);
    let clock = Clock::manual(timestamp(1_780_000_000_000));
    let mut vars = variables(&pega_system.url());
    vars.extend(table_variables().map(|(name, table)| (name.to_owned(), table.to_owned())));
    let env = Env::new(vars, database.sdk()).with_clock(clock.clone());
    let env = env.with_other_queues(Arc::new(Nowhere));
    let routes = pega::api::intake_routes().with(pega::Intake::load(&env)?);
    let routes = routes.and(pega::api::log_routes().with(pega::EventLog::load(&env)?));
    let service = Service::of(&env, routes);
    let worker = pega::worker(&env)?;

    let case = events::new_case();
    let body = events::high_risk(&case).to_string();
    let (status, answer) = service.call("POST", "/webhook/pega", &[], body).await;
    assert_eq!(status, 200, "{answer}");
    let hint = || Hint::at(Key::alone("T#default#E#1".to_owned()));
    pega_system.faults.plan("POST", "/messages", 1, Fault::Delay(Duration::from_secs(30)));
    // Dropped while it waits for Pega, as a worker that is killed.
    let died =
        tokio::time::timeout(Duration::from_millis(300), pega::deliver(&worker, hint())).await;
    assert!(died.is_err());

    let drive = async || service.call("POST", "/events/1/reprocess", &[], String::new()).await;
    let event = async || service.call("GET", "/events/1", &[], String::new()).await.1;
    assert_eq!(event().await["status"], "processing");
    assert_eq!(drive().await.0, 400, "the lease still holds");
    clock.advance(Policy::default().lease + Duration::from_secs(1));
    assert_eq!(drive().await.0, 200);
    assert_eq!(event().await["status"], "received");
    // What the dead worker had begun may still be under way in Pega.
    pega::deliver(&worker, hint()).await?;
    assert_eq!(event().await["status"], "received", "it was not left to settle");
    clock.advance(Policy::default().settle);
    pega::deliver(&worker, hint()).await?;
    assert_eq!(event().await["status"], "processed");
    assert_eq!(pega_system.notes_on(&case).len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_told_to_end_ends_well_and_keeps_its_folder_to_itself() -> Result<()> {
    let folder = TempDir::new()?;
    let process = Process::start(CASEWAY, folder.path(), &variables("")).await?;
    let second = Process::start(CASEWAY, folder.path(), &variables("")).await;
    assert!(second.is_err(), "two processes on one folder");
    let key = std::fs::read_to_string(folder.path().join("admin.key"))?;
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(folder.path().join("admin.key"))?.permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    let admin = Caller::new(&process.url, Credential::Bearer(key.trim().to_owned()));
    let id = admin.event(&events::role_change(&events::new_case())).await.event_id();
    let status = process.end().await?;
    assert!(status.success(), "{status}");

    let process = Process::start(CASEWAY, folder.path(), &variables("")).await?;
    let admin = Caller::new(&process.url, Credential::Bearer(key.trim().to_owned()));
    assert_eq!(admin.settled(id).await["status"], "processed");
    process.end().await.context("end it").map(drop)
}
