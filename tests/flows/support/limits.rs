//! How long a workflow may be at work, and how many are side by side.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::steps::Steps;
use tests::support::Installation;

use super::{posted, request, steps};

/// Those that wait for a place lose none of their time.
#[tokio::test(flavor = "multi_thread")]
async fn so_many_workflows_are_at_work_and_no_more() {
    let vars = [("MAX_CONCURRENT_WORKFLOWS", "2"), ("WORKFLOW_TIMEOUT", "1")];
    let installation = Installation::start_with(&vars).await;
    let admin = installation.admin();
    let system = Steps::start_for_tickets().await.expect("a system");
    system.knows("work", StatusCode::OK, json!({}));
    system.faults.plan("POST", "/steps/work", 8, Fault::Delay(Duration::from_millis(500)));
    steps::go_by_steps_of(&system, &admin, |id| steps::steps_by(id, &["work"], &[])).await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        let asked = posted(&admin, "/support/request", &request("anything")).await;
        ids.push(asked["ticket_id"].as_str().expect("an id").to_owned());
    }
    for id in ids {
        let ended = |it: &Value| it["status"] == "resolved" || it["status"] == "error";
        let end = admin.get_when(&format!("/support/tickets/{id}"), ended).await;
        assert_eq!(end["status"], "resolved", "{end:#}");
    }
    assert_eq!(system.most_at_once(), 2);
    installation.app.stop().await;
}
