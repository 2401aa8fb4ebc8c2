//! The Pega bridge's main job through API Gateway, the functions' own binaries,
//! DynamoDB and SQS, what happens when a hint is lost on its way, and every flow. What can
//! share a deployment does: making one takes longer than most of what is asked of it.

use anyhow::{Context, Result};
use axum::http::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::pega::Pega;
use tests::support::{Caller, Credential, SENDER, SENDER_KEY, Target, events};

use super::starts::every_function_comes_up;
use super::{Deployed, live, streams};
use crate::{conformance, flows};

/// A real payload of a change that raises an alert.
const HIGH_RISK: &str = include_str!("../events/department_change_high_risk.json");

/// A deployed template and a Pega beside it.
async fn deployed() -> Result<(Deployed, Target)> {
    let pega = Pega::start().await?;
    let deployed = Deployed::beside(&pega).await?;
    let target =
        Target { url: deployed.url().to_owned(), admin_key: deployed.admin_key().to_owned(), pega };
    Ok((deployed, target))
}

async fn the_main_job(target: &Target) -> Result<()> {
    let admin = target.admin();
    let sent: Value = serde_json::from_str(HIGH_RISK)?;
    let first = admin.event_with_key("from-pega-1", &sent).await;
    let id = first.event_id();
    let event = admin.settled(id).await;
    assert_eq!((&event["status"], &event["payload"]), (&json!("processed"), &sent));
    let actions = &event["processing_result"]["actions_taken"];
    assert_eq!(actions[1], "Risk alert sent to Pega");

    let again = admin.event_with_key("from-pega-1", &sent).await;
    assert_eq!((again.event_id(), again.header("idempotent-replayed")), (id, "true"));
    let case = sent["caseId"].as_str().context("a case")?;
    assert_eq!(target.pega.notes_on(case).len(), 1, "{:?}", target.pega.messages());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_and_every_flow_hold_on_the_deployed_template() -> Result<()> {
    let (deployed, target) = deployed().await?;
    the_main_job(&target).await?;
    a_lost_hint_is_made_good_by_the_sweeper(&deployed, &target).await?;
    let (username, password) = SENDER;
    let source = json!({
        "name": "pega",
        "basic": {"username": username, "password": password},
        "header": {"value": SENDER_KEY},
    });
    let registered = target.admin().post_json("/api/v1/sources", &source).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    flows::pega::all(&target).await;
    flows::processes::all(&target).await;
    flows::access::live::all(&target).await;
    flows::integrations::live::all(&target).await;
    flows::integrations::webhooks::live::all(&target).await;
    flows::notifications::live::all(&target).await;
    flows::personnel::live::all(&target).await?;
    flows::integrations::onec::live::all(&target).await?;
    flows::enjaz::live::all(&target).await?;
    let (_gateway, target) = streams::through_a_gateway(&deployed, target).await?;
    flows::contact_center::live::all(&target).await?;
    flows::support::all(&target).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_without_a_pega_does_the_rest() -> Result<()> {
    let deployed = Deployed::start(json!({})).await?;
    every_function_comes_up(&deployed).await?;
    live::a_message_reaches_who_watches_it(&deployed).await?;
    an_empty_secret_means_that_there_is_no_pega(&deployed).await?;
    conformance::all(&deployed.tables().await?).await;
    Ok(())
}

async fn a_lost_hint_is_made_good_by_the_sweeper(
    deployed: &Deployed,
    target: &Target,
) -> Result<()> {
    let (admin, case) = (target.admin(), events::new_case());
    // Pega asks to be left alone for a while, so the next hint waits in the queue.
    let busy = Fault::Busy(StatusCode::SERVICE_UNAVAILABLE, 8);
    target.pega.faults.plan("POST", "/messages", 1, busy);
    let id = admin.event(&events::high_risk(&case)).await.event_id();
    admin.event_when(id, |event| event["next_attempt_at"].is_string()).await;
    deployed.worker_listens(false).await?;
    assert_eq!(deployed.lose_hints().await?, 1, "the hint was waiting");
    deployed.worker_listens(true).await?;

    let event = swept(deployed, &admin, id).await?;
    assert_eq!((&event["status"], &event["attempts"]), (&json!("processed"), &json!(2)));
    assert_eq!(target.pega.notes_on(&case).len(), 1);
    Ok(())
}

/// The event, once a sweep has had it worked through.
async fn swept(deployed: &Deployed, admin: &Caller, id: i64) -> Result<Value> {
    let mut event = Value::Null;
    for _ in 0..60 {
        deployed.sweep().await?;
        event = admin.get(&format!("/events/{id}")).await.json;
        if !event["processed_at"].is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    Ok(event)
}

async fn an_empty_secret_means_that_there_is_no_pega(deployed: &Deployed) -> Result<()> {
    let admin = Caller::new(deployed.url(), Credential::Bearer(deployed.admin_key().to_owned()));
    let id = admin.event(&events::high_risk(&events::new_case())).await.event_id();
    let event = admin.settled(id).await;
    assert_eq!(event["status"], "processed");
    assert!(!event["processing_result"].to_string().contains("alert"), "{event:#}");
    for path in ["/events/", "/health/"] {
        assert_eq!(admin.get(path).await.status, 200, "{path}");
    }
    Ok(())
}
