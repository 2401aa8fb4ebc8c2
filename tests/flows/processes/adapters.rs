//! Whoever runs steps again: automation servers, systems behind connections, webhooks.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::automation::{Automation, TOKEN};
use simulators::receiver::Receiver;
use simulators::steps::Steps;
use tests::support::{Caller, Credential, World};

use super::failures::{beside, failed, failed_of, process, rerun_and_work, tries};

async fn connection(world: &World, kind: &str, url: &str, token: &str) -> String {
    let new = json!({
        "name": shared::ids::unique(), "integration_type": kind, "endpoint_url": url,
        "authentication_type": "bearer", "credentials": { "token": token },
        "config": { "retry_attempts": 0 },
    });
    let made = world.admin().send("POST", "/integrations/connections", new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let path = format!("/integrations/connections/{id}");
    let active = world.admin().send("PUT", &path, json!({ "status": "active" })).await;
    assert_eq!(active.status, 200, "{}", active.text);
    id
}

#[tokio::test]
async fn a_work_item_of_the_automation_server_begins_anew() {
    let world = World::beside_its_targets(&[]).await;
    let automation = Automation::start().await.expect("an automation server");
    automation.put(17, "failed");
    let process = process(&world, json!({ "workitem_id": 17 })).await;
    let alone = failed_of(&world, process).await;
    let again = rerun_and_work(&world, alone).await;
    assert_eq!(again["failure"]["error"], "refused", "there is no connection: {again:#}");

    connection(&world, "automation_server", &automation.url(), TOKEN).await;
    let again = rerun_and_work(&world, failed_of(&world, process).await).await;
    assert_eq!(again["status"], "pending", "{again:#}");
    assert_eq!(automation.status(17).as_deref(), Some("new"));
    let id = again["id"].as_i64().expect("a number");
    let last = &tries(&world, id).await[1];
    assert_eq!((&last["outcome"], &last["adapter"]), (&json!("told"), &json!("automation_server")));

    let config = json!({ "workitem_id": "99", "failure_conditions": [] });
    let again = rerun_and_work(&world, failed(&world, config).await).await;
    assert_eq!(
        (&again["failure"]["error"], &again["failure"]["http_status"]),
        (&json!("client_error"), &json!(404))
    );
    let config = json!({ "workitem_id": "..", "failure_conditions": [] });
    let again = rerun_and_work(&world, failed(&world, config).await).await;
    assert_eq!(again["failure"]["error"], "refused");
    let wrong = connection(&world, "automation_server", &automation.url(), "another").await;
    let config = json!({ "workitem_id": 17, "connection_id": wrong, "failure_conditions": [] });
    let again = rerun_and_work(&world, failed(&world, config).await).await;
    assert_eq!(again["failure"]["http_status"], 401, "{again:#}");
    let several = failed(&world, json!({ "workitem_id": 17 })).await;
    let again = rerun_and_work(&world, several).await;
    assert_eq!(again["failure"]["error"], "refused", "two connections: {again:#}");
}

#[tokio::test]
async fn an_endpoint_behind_a_connection_is_called_with_its_credentials() {
    let world = World::beside_its_targets(&[]).await;
    let receiver = Receiver::start().await.expect("a system");
    let id = connection(&world, "webhook", &receiver.url(), "secret-of-this-test").await;
    let config = json!({ "api_endpoint": "/jobs/run", "connection_id": id });
    let step = failed(&world, config).await;
    let again = rerun_and_work(&world, step).await;
    assert_eq!(again["status"], "success", "{again:#}");
    let call = &receiver.taken()[0];
    assert_eq!((&*call.method, &*call.path), ("POST", "/jobs/run"));
    assert_eq!(call.header("authorization"), "Bearer secret-of-this-test");
    assert!(!call.header("idempotency-key").is_empty());
    assert!(!again.to_string().contains("secret-of-this-test"));
}

#[tokio::test]
async fn the_webhook_of_a_step_is_told_and_nobody_else() {
    let world = World::beside_its_targets(&[]).await;
    let (one, other) = (
        Receiver::start().await.expect("a receiver"),
        Receiver::start().await.expect("a receiver"),
    );
    let mut ids = Vec::new();
    for receiver in [&one, &other] {
        let new = json!({ "name": "n", "url": receiver.url(), "event_types": ["1c.*"] });
        let made = world.admin().send("POST", "/integrations/webhooks", new).await;
        assert!(made.status < 300, "{}", made.text);
        ids.push(made.json["id"].as_str().expect("an id").to_owned());
    }
    let step = failed(&world, json!({ "adapter": "webhook", "webhook_id": ids[0] })).await;
    let again = rerun_and_work(&world, step).await;
    assert_eq!(again["status"], "pending");
    world.deliver().await;
    let told = one.taken()[0].json();
    assert_eq!(told["event_type"], "process.step.rerun", "{told:#}");
    assert_eq!(told["payload"]["step_run_id"], again["id"]);
    assert!(other.taken().is_empty());
    let step = failed(&world, json!({ "adapter": "webhook", "webhook_id": "none" })).await;
    assert_eq!(rerun_and_work(&world, step).await["failure"]["error"], "refused");
}

/// A connection has credentials, and whoever names it has them used.
#[tokio::test]
async fn who_names_a_connection_or_a_webhook_may_change_integrations() {
    let (world, steps, url) = beside(StatusCode::OK, Value::Null).await;
    let key = world
        .key(json!({ "name": "narrow", "permissions": ["processes.read", "processes.write"] }))
        .await;
    let narrow = world.bearer(key["key"].as_str().expect("a key"));
    let process = process(&world, json!({ "api_endpoint": url })).await;
    let step = failed_of(&world, process).await;
    let over = json!({ "api_endpoint": "/jobs", "connection_id": "c" });
    let hook = json!({ "adapter": "webhook", "webhook_id": "w" });
    let rerun = format!("/api/v1/step-runs/{step}/rerun");
    let item = json!({ "workitem_id": "77" });
    for config in [over, hook, item] {
        let step_of = json!({ "name": "S", "rerun_config": config });
        let of_process = json!({ "name": "P", "steps": [step_of] });
        let added = json!({ "process_id": process, "name": "S", "rerun_config": config });
        let patched = json!({ "rerun_config": config });
        for (method, path, body) in [
            ("POST", rerun.as_str(), &patched),
            ("PATCH", &format!("/api/v1/step-runs/{step}"), &patched),
            ("PATCH", "/api/v1/steps/1", &patched),
            ("POST", "/api/v1/steps", &added),
            ("POST", "/api/v1/processes", &of_process),
        ] {
            let refused = narrow.send(method, path, body.clone()).await;
            assert_eq!(refused.status, 403, "{method} {path}: {}", refused.text);
        }
    }
    let sooner = json!({ "rerun_config": { "timeout_seconds": 5 } });
    assert_eq!(narrow.send("POST", &rerun, sooner).await.status, 200);
    world.run().await;
    assert_eq!(steps.done().len(), 1);
}

#[tokio::test]
async fn the_simulators_refuse_what_they_do_not_know() {
    let (steps, automation) = (
        Steps::start().await.expect("a system"),
        Automation::start().await.expect("an automation server"),
    );
    steps.knows("extract", StatusCode::OK, Value::Null);
    let caller = Caller::new(&steps.url(), Credential::None);
    let post = |step: &str| caller.request(Method::POST, &format!("/steps/{step}"));
    let empty = || post("extract").json(&json!({}));
    for (request, status) in [
        (post("other"), 404),
        (caller.request(Method::GET, "/steps/extract"), 405),
        (post("extract").body("{}"), 415),
        (empty(), 400),
        (empty().header("idempotency-key", "k"), 422),
    ] {
        assert_eq!(caller.send(request).await.status, status);
    }
    automation.put(17, "failed");
    let signed = Caller::new(&automation.url(), Credential::Bearer(TOKEN.to_owned()));
    let put = |caller: &Caller, id: &str, status: &str| {
        let request = caller.request(Method::PUT, &format!("/workitems/{id}/status"));
        request.json(&json!({ "status": status }))
    };
    let unsigned = signed.with(Credential::None);
    for (request, status) in [
        (put(&unsigned, "17", "new"), 401),
        (put(&signed, "18", "new"), 404),
        (put(&signed, "x", "new"), 422),
        (put(&signed, "17", "newest"), 422),
        (put(&signed, "17", "new"), 200),
    ] {
        assert_eq!(signed.send(request).await.status, status);
    }
}
