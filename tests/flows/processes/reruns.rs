//! Failed steps are run again: once, by whom their step names, with what became of it told.

use std::sync::Arc;

use functions::processes;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::queue::Hint;
use simulators::Fault;
use simulators::automation::{Automation, TOKEN};
use simulators::receiver::Receiver;
use simulators::steps::Steps;
use tests::support::{Answer, Caller, Credential, World};

use super::failures::{fail, failed, failed_of, process, row, step_run};

/// A world that may call its own machine, and a system that knows one step.
async fn beside(status: StatusCode, body: Value) -> (World, Steps, String) {
    let world = World::beside_its_targets(&[]).await;
    let steps = Steps::start().await.expect("a system");
    let url = steps.knows("extract", status, body);
    (world, steps, url)
}

async fn rerun(world: &World, step: i64, body: Value) -> Answer {
    world.admin().send("POST", &format!("/api/v1/step-runs/{step}/rerun"), body).await
}

/// Runs a step again, and answers the new step run once everything is done that is due.
async fn rerun_and_work(world: &World, step: i64) -> Value {
    let begun = rerun(world, step, Value::Null).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    world.run().await;
    step_run(world, begun.json["id"].as_i64().expect("a number")).await
}

async fn tries(world: &World, step: i64) -> Vec<Value> {
    let tries = world.admin().get(&format!("/api/v1/step-runs/{step}/reruns")).await;
    assert_eq!(tries.status, 200, "{}", tries.text);
    tries.json.as_array().expect("a list").clone()
}

#[tokio::test]
async fn the_endpoint_of_a_step_runs_it_again_and_says_how_it_went() {
    let answer = json!({ "status": "success", "meta": { "records": 12 } });
    let (world, steps, url) = beside(StatusCode::OK, answer).await;
    let config = json!({ "api_endpoint": url, "subprocess_id": "data_extraction_v2" });
    let first = failed(&world, config).await;
    let body = json!({ "meta": {
        "rerun_reason": "Temporary network issue resolved", "initiated_by": "admin.user",
    } });
    let begun = rerun(&world, first, body).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    let id = begun.json["id"].as_i64().expect("a number");
    assert_eq!(begun.json["original_step_run_id"], first);
    assert_eq!(begun.json["status"], "pending");
    assert_eq!(begun.json["message"], "Step rerun initiated successfully");
    assert_eq!(begun.json["adapter"], "api_endpoint");
    assert_eq!(begun.json["rerun_count"], 1);
    assert_eq!(begun.json["step_run"]["id"], id);
    assert_eq!(begun.json["rerun_result"]["result"], "success");
    let run = format!("/api/v1/runs/{}", begun.json["run_id"]);
    assert_eq!(world.admin().get(&run).await.json["status"], "pending");
    world.run().await;

    let told = &steps.done()[0];
    assert_eq!((&told["step_run_id"], &told["original_step_run_id"]), (&json!(id), &json!(first)));
    assert_eq!(
        (&told["subprocess_id"], &told["attempt"]),
        (&json!("data_extraction_v2"), &json!(1))
    );
    assert_eq!((&told["entity_id"], &told["entity_name"]), (&json!("CUST-1"), &json!("Acme")));
    assert_eq!(told["meta"]["initiated_by"], "admin.user");
    assert_eq!(told["run_meta"], json!({ "priority": "high" }));

    let step = step_run(&world, id).await;
    assert_eq!(step["status"], "success", "{step:#}");
    assert_eq!(step["meta"]["records"], 12);
    assert_eq!(step["meta"]["rerun_reason"], "Temporary network issue resolved");
    let run = world.admin().get(&run).await.json;
    assert_eq!((&run["status"], &run["success_rate"]), (&json!("completed"), &json!(100.0)));
    let tries = tries(&world, id).await;
    assert_eq!(tries.len(), 2);
    assert_eq!((&tries[0]["step_run_id"], &tries[0]["superseded_by"]), (&json!(first), &json!(id)));
    assert_eq!(tries[0]["by"], Value::Null);
    let last = &tries[1];
    assert_eq!(last["reason"], "Temporary network issue resolved");
    assert_eq!((&last["outcome"], &last["adapter"]), (&json!("success"), &json!("api_endpoint")));
    assert!(last["by"].as_str().is_some_and(|by| by.starts_with("key:")), "{last:#}");
    let audit = world.admin().get("/api/v1/audit-logs?action=step-run.rerun").await;
    assert_eq!(audit.status, 200, "{}", audit.text);
}

#[tokio::test]
async fn what_is_not_to_be_run_again_is_refused_in_the_contract_s_words_and_order() {
    let world = World::with(&[]).await;
    let step = failed(&world, json!({ "max_retries": 1 })).await;
    let refused =
        |answer: Answer| (answer.status, answer.json["detail"].as_str().map(str::to_owned));
    let told = |text: &str| Some(text.to_owned());
    for id in [0, 7, 999_001, step + 1] {
        let answer = refused(rerun(&world, id, Value::Null).await);
        assert_eq!(answer, (404, told("Process step run not found")), "{id}");
    }
    let begun = rerun(&world, step, Value::Null).await;
    let second = begun.json["id"].as_i64().expect("a number");
    assert_eq!(begun.json["adapter"], "manual");
    let (status, text) = refused(rerun(&world, step, Value::Null).await);
    assert_eq!(status, 409);
    assert!(text.is_some_and(|text| text.contains(&second.to_string())));
    let text = "Maximum reruns (1) exceeded for this step";
    assert_eq!(refused(rerun(&world, second, Value::Null).await), (400, told(text)));

    let step = failed(&world, json!({})).await;
    let path = format!("/api/v1/step-runs/{step}");
    world.admin().send("PATCH", &path, json!({ "status": "success" })).await;
    let text = "Step must be in FAILED status to be rerun (current: success)";
    assert_eq!(refused(rerun(&world, step, Value::Null).await), (400, told(text)));

    let new = json!({ "name": "P", "steps": [{ "name": "S" }] });
    let made = world.admin().send("POST", "/api/v1/processes", new).await;
    let step = failed_of(&world, made.json["id"].as_i64().expect("a number")).await;
    let text = "This step run cannot be rerun (can_rerun=False)";
    assert_eq!(refused(rerun(&world, step, Value::Null).await), (400, told(text)));

    let step = failed(&world, json!({ "adapter": "automation_server" })).await;
    let text = "Step run has no workitem_id in rerun_config";
    assert_eq!(refused(rerun(&world, step, Value::Null).await), (400, told(text)));
    let odd = rerun(&world, step, json!({ "rerun_config": { "timeout_seconds": 0 } })).await;
    assert_eq!(
        (odd.status, &odd.json["errors"][0]["field"]),
        (422, &json!("rerun_config.timeout_seconds")),
        "{}",
        odd.text
    );
}

#[tokio::test]
async fn of_two_reruns_at_the_same_instant_one_wins() {
    let (world, steps, url) = beside(StatusCode::OK, Value::Null).await;
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let both = tokio::join!(rerun(&world, step, Value::Null), rerun(&world, step, Value::Null));
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    world.run().await;
    assert_eq!(steps.done().len(), 1);
    assert_eq!(tries(&world, step).await.len(), 2);
}

#[tokio::test]
async fn a_repeat_under_the_same_key_is_answered_with_the_first_rerun() {
    let world = World::with(&[]).await;
    let step = failed(&world, json!({})).await;
    let bearer = format!("Bearer {}", world.admin_key);
    let caller = world.who(&[("authorization", &bearer), ("idempotency-key", "k 1")]);
    let path = format!("/api/v1/step-runs/{step}/rerun");
    let first = caller.send("POST", &path, json!({ "reason": "again" })).await;
    let second = caller.send("POST", &path, json!({ "reason": "again" })).await;
    assert_eq!((first.status, &first.json["id"]), (200, &second.json["id"]), "{}", second.text);
    let other = caller.send("POST", &path, json!({ "reason": "otherwise" })).await;
    assert_eq!(other.status, 422, "{}", other.text);
}

#[tokio::test]
async fn the_other_side_may_take_its_time_and_say_later_how_it_went() {
    let (world, _steps, url) = beside(StatusCode::ACCEPTED, Value::Null).await;
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let again = rerun_and_work(&world, step).await;
    assert_eq!(again["status"], "running");
    let id = again["id"].as_i64().expect("a number");
    assert_eq!(tries(&world, id).await[1]["outcome"], "running");
    fail(&world, id).await;
    let third = rerun_and_work(&world, id).await;
    assert_eq!((&third["status"], &third["rerun_count"]), (&json!("running"), &json!(2)));
    assert_eq!(tries(&world, step).await.len(), 3);
}

/// A configuration's failures, each with what is planned, what it is called, and whether it
/// is tried again.
#[tokio::test]
async fn each_failure_is_called_what_it_is_and_tried_again_only_if_it_is_named() {
    let answer = |status: StatusCode| Fault::Answer(status, String::new());
    let cases: [(Fault, &str); 6] = [
        (Fault::Cut, "network_error"),
        (Fault::Stall, "timeout"),
        (answer(StatusCode::TOO_MANY_REQUESTS), "rate_limit"),
        (answer(StatusCode::BAD_GATEWAY), "server_error"),
        (answer(StatusCode::CONFLICT), "client_error"),
        (Fault::Redirect("http://127.0.0.1/".to_owned()), "invalid_response"),
    ];
    let (world, steps, url) = beside(StatusCode::OK, Value::Null).await;
    for (fault, name) in cases {
        for named in [true, false] {
            let conditions = if named { json!([name]) } else { json!(["http_599"]) };
            let config = json!({
                "api_endpoint": url, "timeout_seconds": 1, "retry_delays": [60],
                "failure_conditions": conditions, "max_retries": 1,
            });
            let step = failed(&world, config).await;
            let before = steps.done().len();
            steps.faults.plan("POST", "/extract", 1, fault.clone());
            let again = rerun_and_work(&world, step).await;
            let id = again["id"].as_i64().expect("a number");
            if !named {
                assert_eq!(again["status"], "failed", "{name}: {again:#}");
                let failure = &again["failure"];
                assert_eq!((&failure["error"], &failure["attempts"]), (&json!(name), &json!(1)));
                assert_eq!(tries(&world, id).await[1]["failed_with"], name);
                world.wait(3600);
                world.run().await;
                continue;
            }
            assert_eq!(again["status"], "pending", "{name}: {again:#}");
            world.wait(59);
            world.run().await;
            assert_eq!(step_run(&world, id).await["status"], "pending", "{name}: too early");
            world.wait(2);
            world.run().await;
            assert_eq!(step_run(&world, id).await["status"], "success", "{name}");
            assert_eq!(tries(&world, id).await[1]["failed_calls"], 1, "{name}");
            assert_eq!(steps.done().len(), before + 1, "{name}: done once");
        }
    }
}

#[tokio::test]
async fn after_all_tries_the_step_has_failed_with_why() {
    let (world, steps, url) = beside(StatusCode::SERVICE_UNAVAILABLE, Value::Null).await;
    let config = json!({ "api_endpoint": url, "max_retries": 2, "retry_delays": [5, 10] });
    let step = failed(&world, config).await;
    let id = rerun_and_work(&world, step).await["id"].as_i64().expect("a number");
    for wait in [5, 10, 3600] {
        world.wait(wait);
        world.run().await;
    }
    let again = step_run(&world, id).await;
    assert_eq!(again["status"], "failed");
    assert_eq!(again["failure"]["attempts"], 3);
    assert_eq!(again["failure"]["http_status"], 503);
    assert_eq!(again["failure"]["message"], "the other side answered HTTP 503");
    assert_eq!(again["failure"]["adapter"], "api_endpoint");
    assert_eq!(steps.calls(), 3);
    assert_eq!(steps.keys().len(), 1, "one key for all tries");
}

#[tokio::test]
async fn what_the_other_side_asks_for_is_waited_for_up_to_twice_the_delay() {
    let (world, steps, url) = beside(StatusCode::OK, Value::Null).await;
    let config = json!({ "api_endpoint": url, "retry_delays": [60] });
    let step = failed(&world, config).await;
    steps.faults.plan("POST", "/extract", 1, Fault::Busy(StatusCode::TOO_MANY_REQUESTS, 900));
    let id = rerun_and_work(&world, step).await["id"].as_i64().expect("a number");
    world.wait(119);
    world.run().await;
    assert_eq!(step_run(&world, id).await["status"], "pending");
    world.wait(2);
    world.run().await;
    assert_eq!(step_run(&world, id).await["status"], "success");
}

#[tokio::test]
async fn a_target_that_is_not_public_is_not_called() {
    let world = World::with(&[]).await;
    let steps = Steps::start().await.expect("a system");
    let url = steps.knows("extract", StatusCode::OK, Value::Null);
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let again = rerun_and_work(&world, step).await;
    assert_eq!(
        (&again["status"], &again["failure"]["error"]),
        (&json!("failed"), &json!("refused"))
    );
    let step = failed(&world, json!({ "api_endpoint": "http://169.254.169.254/latest" })).await;
    let again = rerun_and_work(&world, step).await;
    assert_eq!(again["failure"]["attempts"], 1, "{again:#}");
    assert_eq!(steps.calls(), 0);
}

/// The worker dies after the other side did it, before that is written down: it is called
/// again under the same key, and does nothing twice.
#[tokio::test]
async fn a_crash_between_the_call_and_its_commit_has_one_effect() {
    let (world, steps, url) = beside(StatusCode::OK, json!({ "status": "success" })).await;
    let step = failed(&world, json!({ "api_endpoint": url, "max_retries": 1 })).await;
    let begun = rerun(&world, step, Value::Null).await;
    let id = begun.json["id"].as_i64().expect("a number");
    let (reached, go_on) = steps.faults.plan_held("POST", "/extract", Fault::DoneThenCut);
    let worker = Arc::new(processes::worker(&world.env).expect("a worker"));
    let dying = worker.clone();
    let key = row("RERUN", id);
    let attempt = tokio::spawn(async move { processes::deliver(&dying, Hint::at(key)).await });
    reached.await.expect("called");
    attempt.abort();
    let _ = attempt.await;
    let _ = go_on.send(());
    world.run().await;
    assert_eq!(step_run(&world, id).await["status"], "pending", "its lease goes on");
    world.wait(600);
    world.run().await;
    assert_eq!(step_run(&world, id).await["status"], "success");
    assert_eq!(steps.done().len(), 1, "done once");
}

/// What was answered is kept before the step run says it; a worker that dies between the two
/// leaves nothing undone, and nobody is called again.
#[tokio::test]
async fn what_was_answered_is_written_on_the_step_run_once_though_told_often() {
    let (world, steps, url) = beside(StatusCode::OK, json!({ "status": "success" })).await;
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let begun = rerun(&world, step, Value::Null).await;
    let id = begun.json["id"].as_i64().expect("a number");
    let worker = processes::worker(&world.env).expect("a worker");
    let hint = || Hint::at(row("RERUN", id));
    processes::deliver(&worker, hint()).await.expect("called");
    assert_eq!(step_run(&world, id).await["status"], "pending", "not applied yet");
    let (one, two) =
        tokio::join!(processes::deliver(&worker, hint()), processes::deliver(&worker, hint()));
    one.and(two).expect("applied");
    let seen = step_run(&world, id).await;
    assert_eq!(seen["status"], "success");
    world.run().await;
    processes::deliver(&worker, hint()).await.expect("nothing");
    assert_eq!(step_run(&world, id).await, seen);
    assert_eq!(steps.calls(), 1);
    let trail = world.admin().get("/api/v1/audit-logs?action=step-run.rerun-result").await.json;
    let entries = trail["items"].as_array().or(trail.as_array()).map(Vec::len);
    assert_eq!(entries, Some(1), "{trail:#}");
}

/// Somebody who says how a step is going knows better than a call that failed.
#[tokio::test]
async fn a_step_run_that_is_under_way_or_done_is_left_as_it_is() {
    let (world, steps, url) = beside(StatusCode::INTERNAL_SERVER_ERROR, Value::Null).await;
    let config = json!({ "api_endpoint": url, "retry_delays": [60], "max_retries": 1 });
    let step = failed(&world, config).await;
    let id = rerun_and_work(&world, step).await["id"].as_i64().expect("a number");
    let path = format!("/api/v1/step-runs/{id}");
    world.admin().send("PATCH", &path, json!({ "status": "running" })).await;
    world.wait(61);
    world.run().await;
    assert_eq!(step_run(&world, id).await["status"], "running");
    assert_eq!(tries(&world, id).await[1]["outcome"], "not_needed");
    assert_eq!(steps.calls(), 1);
}

#[tokio::test]
async fn a_run_that_is_deleted_is_not_run_again() {
    let (world, steps, url) = beside(StatusCode::OK, Value::Null).await;
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let begun = rerun(&world, step, Value::Null).await;
    let run = format!("/api/v1/runs/{}", begun.json["run_id"]);
    assert_eq!(world.admin().send("DELETE", &run, Value::Null).await.status, 204);
    world.run().await;
    assert_eq!(steps.calls(), 0);
    assert_eq!(rerun(&world, step, Value::Null).await.status, 404);
}

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

#[tokio::test]
async fn members_that_say_who_is_called_ask_for_the_right_to_say_so() {
    let (world, steps, url) = beside(StatusCode::OK, Value::Null).await;
    let key = world
        .key(json!({ "name": "narrow", "permissions": ["processes.read", "processes.write"] }))
        .await;
    let narrow = world.bearer(key["key"].as_str().expect("a key"));
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let path = format!("/api/v1/step-runs/{step}/rerun");
    let elsewhere = json!({ "rerun_config": { "api_endpoint": "http://198.51.100.7/" } });
    assert_eq!(narrow.send("POST", &path, elsewhere).await.status, 403);
    let sooner = json!({ "rerun_config": { "timeout_seconds": 5 } });
    assert_eq!(narrow.send("POST", &path, sooner).await.status, 200);
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
