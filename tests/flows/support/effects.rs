//! What a step does without a person: a webhook, people who are told, a note on a case in
//! Pega, a case there.

use std::pin::pin;

use serde_json::{Value, json};
use simulators::pega::{OPERATOR, Pega};
use simulators::receiver::Receiver;
use simulators::slack::Slack;
use tests::support::{Faults, World};

use super::crashes::work_amid;
use super::steps::steps;
use super::{answered, ask, asked, go_by, history, ticket};

/// A step that has this effect.
fn with(effect: &str) -> String {
    format!(
        "[[policies.steps]]
        id = 'do'
        description = 'Do it'
        actor = 'system'
        effect = {effect}\n"
    )
}

/// A webhook to this receiver; its id.
async fn webhook(world: &World, receiver: &Receiver) -> String {
    let new = json!({ "name": "tools", "url": receiver.url(), "event_types": ["integration.*"] });
    let made = world.admin().send("POST", "/integrations/webhooks", new).await;
    made.json["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_webhook_is_told_of_a_step_and_a_manager_is_asked_before_another() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = Receiver::start().await.expect("a receiver");
    let webhook = webhook(&world, &receiver).await;
    let sign = "[[policies.steps]]
        id = 'sign'
        description = 'Sign for it'
        actor = 'manager_approval'
        after = ['do']";
    let tell = with(&format!("{{ webhook = '{webhook}' }}"));
    go_by(&world, &steps(&format!("{tell}{sign}"))).await;
    let id = asked(&world, "anything").await;
    world.deliver().await;
    let told = receiver.taken();
    assert_eq!(told.len(), 1);
    let told = told[0].json();
    assert_eq!(
        (&told["event_type"], &told["payload"]["step"]),
        (&json!("ticket.step.requested"), &json!("do"))
    );
    let waiting = ticket(&world, &id).await;
    assert_eq!(waiting["status"], "waiting_for_approval", "{waiting:#}");
    assert_eq!(answered(&world, &id, "MANAGER001", true).await["status"], "resolved");
}

/// What is done in writing is not done for a ticket that is cancelled just before, wherever
/// its worker is.
#[tokio::test]
async fn nobody_is_told_of_a_step_of_a_ticket_that_was_cancelled() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = Receiver::start().await.expect("a receiver");
    let webhook = webhook(&world, &receiver).await;
    go_by(&world, &steps(&with(&format!("{{ webhook = '{webhook}' }}")))).await;
    let (mut cancelled, mut resolved) = (0, 0);
    for calls in 0.. {
        let id = ask(&world, "anything").await;
        let (faults, pause) = Faults::pause_after(calls);
        let mut work = pin!(work_amid(&world, &faults));
        let paused = tokio::select! {
            () = &mut work => false,
            () = pause.begun() => true,
        };
        if !paused {
            break;
        }
        let cancel = format!("/support/tickets/{id}/cancel");
        let answer = world.admin().send("POST", &cancel, json!({})).await;
        pause.end();
        work.await;
        let end = if answer.status == 200 { "cancelled" } else { "resolved" };
        let history = history(&world, &id).await;
        let first = history.iter().position(|status| status == end);
        assert_eq!(first, Some(history.len() - 1), "nothing comes after it: {history:?}");
        cancelled += usize::from(answer.status == 200);
        resolved += usize::from(answer.status == 409);
    }
    assert!(cancelled > 5 && resolved > 0, "{cancelled} cancelled, {resolved} resolved");
}

#[tokio::test]
async fn people_are_told_of_a_step() {
    let world = World::beside_its_targets(&[]).await;
    let slack = Slack::start().await.expect("a Slack");
    let new = json!({ "name": "desk", "kind": "slack", "url": slack.webhook("desk") });
    let made = world.admin().send("POST", "/api/v1/notifications/targets", new).await;
    let target = made.json["id"].as_str().expect("an id");
    go_by(&world, &steps(&with(&format!("{{ notify = '{target}', severity = 'warning' }}")))).await;
    let id = asked(&world, "anything").await;
    world.notify().await;
    assert_eq!(ticket(&world, &id).await["status"], "resolved");
    let told = slack.texts("desk").join("\n");
    assert_eq!(told.matches("Do it").count(), 1, "{told}");
}

#[tokio::test]
async fn a_step_that_names_nobody_who_is_there_is_refused_with_the_policies() {
    let world = World::with(&[]).await;
    for effect in [
        "{ webhook = 'none' }",
        "{ notify = 'none' }",
        "{ connection = 'none', method = 'POST', path = '/x' }",
        "{ connection = 'none', method = 'GET', path = '/x' }",
        "{ odd = 1 }",
    ] {
        let body = json!({ "text": steps(&with(effect)) });
        let refused = world.admin().send("PUT", "/support/policies", body).await;
        assert_eq!(refused.status, 422, "{effect}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], "rules");
    }
    assert_eq!(world.admin().get("/support/policies").await.json["version"], Value::from(0));
}

/// A Pega, and a world that signs in there.
async fn beside_pega() -> (World, Pega) {
    let pega = Pega::start().await.expect("a Pega");
    let url = pega.url();
    let vars =
        [("PEGA_URL", url.as_str()), ("PEGA_USERNAME", OPERATOR.0), ("PEGA_PASSWORD", OPERATOR.1)];
    (World::with(&vars).await, pega)
}

/// Why the one step of a ticket waits for the employee.
async fn why_left(world: &World) -> String {
    let id = asked(world, "anything").await;
    let waiting = ticket(world, &id).await;
    assert_eq!(waiting["status"], "waiting_for_user", "{waiting:#}");
    waiting["plan"]["steps"][0]["detail"].as_str().expect("a detail").to_owned()
}

#[tokio::test]
async fn a_note_that_cannot_be_made_is_left_to_a_person() {
    let note = steps(&with("{ pega_note = '{case_id}', text = '{title}' }"));
    let without = World::with(&[]).await;
    go_by(&without, &note.replace("{case_id}", "HR-1")).await;
    let why = why_left(&without).await;
    assert!(why.contains("Pega"), "{why}");
    let (world, _pega) = beside_pega().await;
    go_by(&world, &note).await;
    let why = why_left(&world).await;
    assert!(why.contains("case_id"), "{why}");
}

/// What the employee tells is filled in; before it is known, nothing is noted anywhere.
#[tokio::test]
async fn a_note_is_made_on_the_case_that_the_employee_names() {
    let (world, pega) = beside_pega().await;
    let note = with("{ pega_note = '{case_id}', text = '{title} for {employee_id}' }");
    let note = note.replace("Do it", "Note it on {case_id}{missing}");
    go_by(&world, &steps(&format!("required_fields = ['case_id', 'urgency']\n{note}"))).await;
    let id = asked(&world, "anything").await;
    assert_eq!(ticket(&world, &id).await["assessment"]["missing_fields"], json!(["case_id"]));
    assert!(pega.messages().is_empty());
    let case = json!({ "answer": "HR-77", "approval": true, "approver_id": "EMP001" });
    let told = world.admin().send("POST", &format!("/support/hil/{id}"), case).await;
    assert_eq!(told.status, 200, "{}", told.text);
    world.support().await;
    world.work().await;
    let done = ticket(&world, &id).await;
    assert_eq!(done["status"], "resolved", "{done:#}");
    assert_eq!(done["plan"]["steps"][0]["description"], "Note it on HR-77");
    let notes = pega.notes_on("HR-77");
    assert!(notes[0].contains("Database Access Request for EMP001"), "{notes:?}");
}

#[tokio::test]
async fn a_case_is_made_for_a_ticket() {
    let (world, pega) = beside_pega().await;
    let content = "{ EmployeeName = '{employee_id}', About = '{title}' }";
    let case = format!("{{ pega_case = 'HRSR-Work-Onboarding', content = {content} }}");
    go_by(&world, &steps(&with(&case))).await;
    let id = asked(&world, "anything").await;
    world.work().await;
    assert_eq!(ticket(&world, &id).await["status"], "resolved");
    let cases = pega.cases();
    assert_eq!(cases.len(), 1);
    let content = Value::Object(pega.content(&cases[0]));
    let expected = ("EMP001", "Database Access Request");
    assert_eq!(
        (&content["EmployeeName"], &content["About"]),
        (&json!(expected.0), &json!(expected.1))
    );
}
