//! Steps of a plan that need no person are done by whom the policies name, once.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::steps::Steps;
use tests::support::{Caller, World};

use super::{answered, asked, go_by, posted, ticket};

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
fn tools(url: &str) -> Value {
    json!({ "name": "tools", "integration_type": "http", "endpoint_url": url,
        "authentication_type": "bearer", "credentials": { "token": "a-token-of-tools" } })
}

/// Makes one; its id.
pub async fn connection(world: &World, url: &str) -> String {
    let made = world.admin().send("POST", "/integrations/connections", tools(url)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["id"].as_str().expect("an id").to_owned()
}

/// Has whoever is an installation's tenant go by policies with these steps, which are told
/// the id of the connection to this system.
pub async fn go_by_steps_of(system: &Steps, admin: &Caller, text: impl FnOnce(&str) -> String) {
    let made = posted(admin, "/integrations/connections", &tools(&system.url())).await;
    let body = json!({ "text": steps(&text(made["id"].as_str().expect("an id"))) });
    let put = admin.request(Method::PUT, "/support/policies").json(&body);
    let changed = admin.send(put).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

/// Steps of these names, each by a system behind this connection, after these others.
pub fn steps_by(connection: &str, names: &[&str], after: &[&str]) -> String {
    let step = |name: &&str| {
        format!(
            "[[policies.steps]]
            id = '{name}'
            description = 'Do {name} for {{employee_id}}'
            actor = 'it_agent'
            after = {after:?}
            effect = {{ connection = '{connection}', method = 'POST', path = '/steps/{name}' }}\n"
        )
    };
    names.iter().map(step).collect()
}

/// A world that may call its own machine, with a system behind a connection that knows these
/// steps, and policies by which it is called for each.
pub async fn beside_one_of(known: &[(&str, StatusCode)]) -> (World, Steps) {
    let world = World::beside_its_targets(&[]).await;
    let system = Steps::start_for_tickets().await.expect("a system");
    for (name, status) in known {
        system.knows(name, *status, json!({}));
    }
    let id = connection(&world, &system.url()).await;
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    go_by(&world, &steps(&steps_by(&id, &names, &[]))).await;
    (world, system)
}

/// The same with one step, `extract`, that the system answers so.
pub async fn beside(status: StatusCode) -> (World, Steps) {
    beside_one_of(&[("extract", status)]).await
}

/// Has no call of the policies be repeated.
pub async fn once_only(world: &World) {
    let text = world.admin().get("/support/policies").await.json["text"].clone();
    let text = text.as_str().expect("a text").replace("method =", "repeat = false, method =");
    go_by(world, &text).await;
}

#[tokio::test]
async fn a_system_behind_a_connection_does_a_step() {
    let (world, system) = beside(StatusCode::OK).await;
    let id = asked(&world, "anything").await;
    let done = ticket(&world, &id).await;
    assert_eq!(done["status"], "resolved", "{done:#}");
    let step = &done["plan"]["steps"][0];
    assert_eq!((&step["state"], &step["detail"]), (&json!("done"), &json!("done: HTTP 200")));
    assert_eq!(step["description"], "Do extract for EMP001");
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
    let why = "Workflow timed out after 300 seconds: \
        step extract: the other side answered HTTP 503";
    assert_eq!(failed["error"], why);
    assert!(system.calls() >= 5, "{} calls in {waited} seconds", system.calls());
    system.knows("extract", StatusCode::OK, json!({}));
    assert_eq!(reopened(&world, &id).await["status"], "resolved");
    assert_eq!(system.done().len(), 1);
}

/// A ticket that was opened again, once its workflow has gone as far as it goes.
async fn reopened(world: &World, id: &str) -> Value {
    let path = format!("/support/tickets/{id}/reopen");
    assert_eq!(world.admin().send("POST", &path, json!({})).await.status, 200);
    world.support().await;
    ticket(world, id).await
}

#[tokio::test]
async fn what_was_done_before_an_error_is_not_done_again_after_it() {
    let (world, system) =
        beside_one_of(&[("first", StatusCode::OK), ("then", StatusCode::SERVICE_UNAVAILABLE)])
            .await;
    let id = asked(&world, "anything").await;
    for _ in 0..40 {
        world.wait(10);
        world.support().await;
    }
    let failed = ticket(&world, &id).await;
    assert_eq!(failed["status"], "error", "{failed:#}");
    let calls = system.calls();
    system.knows("then", StatusCode::OK, json!({}));
    assert_eq!(reopened(&world, &id).await["status"], "resolved");
    assert_eq!(system.calls(), calls + 1, "only what was not done");
    let done: Vec<_> = system.done().iter().map(|told| told["step"].clone()).collect();
    assert_eq!(done, ["first", "then"]);
}

/// Whoever does not know a repeat is called once, whatever happens to the ticket meanwhile.
#[tokio::test]
async fn a_step_that_must_not_be_repeated_is_not() {
    let (world, system) = beside(StatusCode::OK).await;
    once_only(&world).await;
    system.faults.plan("POST", "/steps/extract", 1, Fault::Delay(Duration::from_millis(300)));
    let id = super::ask(&world, "anything").await;
    let commented = async {
        while ticket(&world, &id).await["plan"].is_null() {
            tokio::task::yield_now().await;
        }
        let path = format!("/support/tickets/{id}/comments");
        let said = world.admin().send("POST", &path, json!({ "comment": "Meanwhile" })).await;
        assert_eq!(said.status, 200, "{}", said.text);
    };
    tokio::join!(world.support(), commented);
    assert_eq!(ticket(&world, &id).await["status"], "resolved");
    assert_eq!(system.calls(), 1);
}
