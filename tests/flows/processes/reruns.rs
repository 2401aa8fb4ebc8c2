//! Failed steps are run again: once, by whom their step names, with what became of it told.

use functions::processes;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::queue::Hint;
use simulators::Fault;
use simulators::steps::Steps;
use tests::support::{Answer, Target, World};

use super::failures::{
    beside, fail, failed, failed_of, rerun, rerun_and_work, row, step_run, tries,
};
use super::{PROCESSES, made, patch, run_of, step_path};

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
    worker.deliver(hint()).await.expect("called");
    assert_eq!(step_run(&world, id).await["status"], "pending", "not applied yet");
    let (one, two) = tokio::join!(worker.deliver(hint()), worker.deliver(hint()));
    one.and(two).expect("applied");
    let seen = step_run(&world, id).await;
    assert_eq!(seen["status"], "success");
    world.run().await;
    worker.deliver(hint()).await.expect("nothing");
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
async fn a_run_that_is_deleted_is_not_run_again_and_says_so_when_restored() {
    let (world, steps, url) = beside(StatusCode::OK, Value::Null).await;
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let begun = rerun(&world, step, Value::Null).await;
    let run = format!("/api/v1/runs/{}", begun.json["run_id"]);
    assert_eq!(world.admin().send("DELETE", &run, Value::Null).await.status, 204);
    world.run().await;
    assert_eq!(steps.calls(), 0);
    assert_eq!(rerun(&world, step, Value::Null).await.status, 404);
    world.admin().send("POST", &format!("{run}/restore"), Value::Null).await;
    let id = begun.json["id"].as_i64().expect("a number");
    let untold = step_run(&world, id).await;
    assert_eq!(
        (&untold["status"], &untold["failure"]["error"]),
        (&json!("failed"), &json!("run_deleted"))
    );
    assert_eq!(rerun_and_work(&world, id).await["status"], "success");
}

/// The call cannot be taken back, so what came of it is kept.
#[tokio::test]
async fn what_was_answered_is_there_though_the_run_was_deleted_meanwhile() {
    let answer = json!({ "status": "success", "meta": { "records": 12 } });
    let (world, steps, url) = beside(StatusCode::OK, answer).await;
    let step = failed(&world, json!({ "api_endpoint": url })).await;
    let begun = rerun(&world, step, Value::Null).await;
    let id = begun.json["id"].as_i64().expect("a number");
    let run = format!("/api/v1/runs/{}", begun.json["run_id"]);
    let worker = processes::worker(&world.env).expect("a worker");
    worker.deliver(Hint::at(row("RERUN", id))).await.expect("called");
    assert_eq!(steps.calls(), 1);
    world.admin().send("DELETE", &run, Value::Null).await;
    world.run().await;
    world.admin().send("POST", &format!("{run}/restore"), Value::Null).await;
    let step = step_run(&world, id).await;
    assert_eq!((&step["status"], &step["meta"]["records"]), (&json!("success"), &json!(12)));
}

/// From a failed step to a completed run, through whom the step names.
pub async fn from_end_to_end(target: &Target) {
    let (admin, steps) = (target.admin(), Steps::start().await.expect("a system"));
    let url = steps.knows("extract", StatusCode::OK, json!({ "meta": { "records": 12 } }));
    let config = json!({ "api_endpoint": url, "retry_delays": [0] });
    let step = json!({ "name": "Extract", "is_rerunnable": true, "rerun_config": config });
    let process = made(&admin, PROCESSES, &json!({ "name": "P", "steps": [step] })).await;
    let run = run_of(&admin, &process).await;
    let failed = step_path(&run, 0);
    assert_eq!(patch(&admin, &failed, &json!({ "status": "failed" })).await.status, 200);
    steps.faults.plan("POST", "/extract", 1, Fault::DoneThenCut);
    let body = json!({ "meta": { "rerun_reason": "Temporary network issue resolved" } });
    let begun = admin.post_json(&format!("{failed}/rerun"), &body).await;
    assert_eq!((begun.status, &begun.json["status"]), (200, &json!("pending")), "{}", begun.text);
    let path = format!("/api/v1/runs/{}", run["id"]);
    admin.get_when(&path, |run| run["status"] == "completed").await;
    let again = admin.get(&format!("/api/v1/step-runs/{}", begun.json["id"])).await.json;
    assert_eq!(again["meta"]["records"], 12, "{again:#}");
    assert_eq!(steps.done().len(), 1, "done once though called twice");
    let tries = admin.get(&format!("{failed}/reruns")).await.json;
    assert_eq!((&tries[1]["outcome"], &tries[1]["failed_calls"]), (&json!("success"), &json!(1)));
}
