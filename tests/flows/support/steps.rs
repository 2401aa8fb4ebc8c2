//! Steps of a plan that need no person are done by whom the policies name, once.

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulators::receiver::Receiver;
use simulators::steps::Steps;
use tests::support::World;

use super::{answered, asked, go_by, ticket};

/// Policies that allow everything, and have this done.
pub fn steps(steps: &str) -> String {
    format!(
        "[[policies]]
        id = 'all'
        title = 'All'
        text = 'Everything is allowed.'
        decision = 'ALLOWED'
        confidence = 0.9
        {steps}"
    )
}

/// A connection to whoever answers here.
pub async fn connection(world: &World, url: &str) -> String {
    let new = json!({ "name": "tools", "integration_type": "http", "endpoint_url": url,
        "authentication_type": "bearer", "credentials": { "token": "a-token-of-tools" } });
    let made = world.admin().send("POST", "/integrations/connections", new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let path = format!("/integrations/connections/{id}");
    let on = world.admin().send("PUT", &path, json!({ "status": "active" })).await;
    assert_eq!(on.status, 200, "{}", on.text);
    id
}

/// A world that may call its own machine, with a system behind a connection that knows a
/// step, and policies by which it is called.
pub async fn beside(status: StatusCode) -> (World, Steps) {
    let world = World::beside_its_targets(&[]).await;
    let system = Steps::start_for_tickets().await.expect("a system");
    let url = system.knows("extract", status, json!({}));
    let base = url.trim_end_matches("/extract");
    let id = connection(&world, base).await;
    let effect = format!("{{ connection = '{id}', method = 'POST', path = '/extract' }}");
    let step = format!(
        "[[policies.steps]]
        id = 'extract'
        description = 'Extract for {{employee_id}}'
        actor = 'it_agent'
        effect = {effect}"
    );
    go_by(&world, &steps(&step)).await;
    (world, system)
}

#[tokio::test]
async fn a_system_behind_a_connection_does_a_step() {
    let (world, system) = beside(StatusCode::OK).await;
    let id = asked(&world, "anything").await;
    let done = ticket(&world, &id).await;
    assert_eq!(done["status"], "resolved", "{done:#}");
    let step = &done["plan"]["steps"][0];
    assert_eq!((&step["state"], &step["detail"]), (&json!("done"), &json!("done: HTTP 200")));
    assert_eq!(step["description"], "Extract for EMP001");
    let told = &system.done()[0];
    assert_eq!((&told["ticket_id"], &told["step"]), (&json!(id), &json!("extract")));
    assert_eq!(told["request"]["title"], "Database Access Request");
}

/// What cannot be done so is left to a person, and nothing else is held up.
#[tokio::test]
async fn a_step_that_fails_for_good_is_left_to_the_employee() {
    let (world, system) = beside(StatusCode::BAD_REQUEST).await;
    let id = asked(&world, "anything").await;
    let waiting = ticket(&world, &id).await;
    assert_eq!(waiting["status"], "waiting_for_user", "{waiting:#}");
    let detail = waiting["plan"]["steps"][0]["detail"].as_str().expect("a detail");
    assert!(detail.contains("HTTP 400"), "{detail}");
    assert_eq!(answered(&world, &id, "EMP001", true).await["status"], "resolved");
    assert_eq!(system.calls(), 1);
}

/// It is tried until the workflow has been at it for too long; then it can be taken up again.
#[tokio::test]
async fn a_step_that_fails_for_a_while_is_tried_again_until_it_is_too_late() {
    let (world, system) = beside(StatusCode::SERVICE_UNAVAILABLE).await;
    let id = asked(&world, "anything").await;
    let mut waited = 0;
    let failed = loop {
        let seen = ticket(&world, &id).await;
        if seen["status"] != "in_progress" {
            break seen;
        }
        waited += 10;
        world.wait(10);
        world.support().await;
    };
    assert_eq!(failed["status"], "error", "{failed:#}");
    assert!((300..=400).contains(&waited), "{waited} seconds");
    assert_eq!(failed["error"], "Workflow timed out after 300 seconds");
    assert!(system.calls() > 5);
    system.knows("extract", StatusCode::OK, json!({}));
    let path = format!("/support/tickets/{id}/reopen");
    assert_eq!(world.admin().send("POST", &path, json!({})).await.status, 200);
    world.support().await;
    assert_eq!(ticket(&world, &id).await["status"], "resolved");
    assert_eq!(system.done().len(), 1);
}

#[tokio::test]
async fn a_webhook_is_told_of_a_step_and_a_manager_is_asked_before_another() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = Receiver::start().await.expect("a receiver");
    let new = json!({ "name": "tools", "url": receiver.url(), "event_types": ["integration.*"] });
    let webhook = world.admin().send("POST", "/integrations/webhooks", new).await;
    let webhook = webhook.json["id"].as_str().expect("an id").to_owned();
    let text = format!(
        "[[policies.steps]]
        id = 'tell'
        description = 'Tell the tools'
        actor = 'system'
        effect = {{ webhook = '{webhook}' }}
        [[policies.steps]]
        id = 'sign'
        description = 'Sign for it'
        actor = 'manager_approval'
        after = ['tell']"
    );
    go_by(&world, &steps(&text)).await;
    let id = asked(&world, "anything").await;
    world.deliver().await;
    let told = receiver.taken();
    assert_eq!(told.len(), 1);
    let told = told[0].json();
    assert_eq!(
        (&told["event_type"], &told["payload"]["step"]),
        (&json!("ticket.step.requested"), &json!("tell"))
    );
    let waiting = ticket(&world, &id).await;
    assert_eq!(waiting["status"], "waiting_for_approval", "{waiting:#}");
    assert_eq!(answered(&world, &id, "MANAGER001", true).await["status"], "resolved");
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
        let step = format!(
            "[[policies.steps]]
            id = 'a'
            description = 'A'
            actor = 'system'
            effect = {effect}"
        );
        let body = json!({ "text": steps(&step) });
        let refused = world.admin().send("PUT", "/support/policies", body).await;
        assert_eq!(refused.status, 422, "{effect}: {}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], "rules");
    }
    assert_eq!(world.admin().get("/support/policies").await.json["version"], Value::from(0));
}

#[tokio::test]
async fn without_a_pega_a_note_is_left_to_a_person() {
    let world = World::with(&[]).await;
    let step = "[[policies.steps]]
        id = 'note'
        description = 'Note it'
        actor = 'system'
        effect = { pega_note = 'HR-1', text = '{title}' }";
    go_by(&world, &steps(step)).await;
    let id = asked(&world, "anything").await;
    assert_eq!(ticket(&world, &id).await["status"], "waiting_for_user");
}
