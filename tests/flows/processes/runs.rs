//! Runs: how their statuses and moments follow from their steps, whoever says so and when.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::support::{Caller, Target};

use super::{PROCESSES, RUNS, definition, made, patch, run_of, step_path};

/// The examples of the service before this one, and what follows from them.
pub async fn from_start_to_end(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Onboarding", &["Collect", "Check"])).await;
    let body = json!({
        "process_id": process["id"],
        "entity_id": "CUST-20251003-001",
        "entity_name": "Acme Corporation",
        "meta": {
            "initiated_by": "api.integration",
            "priority": "high",
            "environment": "production",
            "correlation_id": "req-20251003-12345"
        }
    });
    let run = made(&admin, RUNS, &body).await;
    for member in ["process_id", "entity_id", "entity_name", "meta"] {
        assert_eq!(run[member], body[member], "{member}");
    }
    assert_eq!((&run["status"], &run["started_at"]), (&json!("pending"), &Value::Null));
    assert_eq!(run["steps"].as_array().map(Vec::len), Some(2));
    let step = &run["steps"][1];
    assert_eq!((&step["can_rerun"], &step["max_reruns"]), (&json!(true), &json!(3)));
    assert_eq!(run["steps"][0]["max_reruns"], 0);

    let done = json!({
        "status": "success",
        "started_at": "2025-10-03T10:15:00Z",
        "finished_at": "2025-10-03T10:17:30Z",
        "meta": {
            "processing_time_ms": 150_000,
            "records_processed": 1247,
            "error_details": null,
            "output_location": "s3://bucket/outputs/run-123.json"
        }
    });
    let answer = patch(&admin, &step_path(&run, 0), &done).await;
    assert_eq!((answer.status, &answer.json["meta"]), (200, &done["meta"]));
    assert_eq!(answer.json["started_at"], "2025-10-03T10:15:00.000Z");
    let own = format!("{RUNS}{}", run["id"]);
    let running = admin.get(&own).await.json;
    assert_eq!((&running["status"], &running["success_rate"]), (&json!("running"), &json!(50.0)));
    assert_eq!(running["started_at"], "2025-10-03T10:15:00.000Z");
    assert_eq!(running["steps"][0], answer.json);
    fails_and_begins_anew(&admin, &run).await;
    let steps = admin.get(&format!("/api/v1/step-runs/run/{}", run["id"])).await.json;
    assert_eq!(steps, admin.get(&own).await.json["steps"]);
    let path = format!("/api/v1/step-runs/run/{}/step/{}", run["id"], run["steps"][0]["step_id"]);
    assert_eq!(admin.get(&path).await.json, json!([steps[0]]));
}

/// The second step fails, begins anew, and ends well.
async fn fails_and_begins_anew(admin: &Caller, run: &Value) {
    let own = format!("{RUNS}{}", run["id"]);
    // What is not given is the moment of the call.
    let started = patch(admin, &step_path(run, 1), &json!({ "status": "running" })).await.json;
    assert!(started["started_at"].is_string() && started["finished_at"].is_null());
    let failed = json!({ "status": "failed", "failure": { "message": "no answer" } });
    let failed = patch(admin, &step_path(run, 1), &failed).await.json;
    assert_eq!(failed["failure"], json!({ "message": "no answer" }));
    let ended = admin.get(&own).await.json;
    assert!(ended["finished_at"].is_string() && ended["status"] == "failed", "{ended:#}");
    let rerunnable = admin.get(&format!("/api/v1/step-runs/run/{}/rerunnable", run["id"])).await;
    assert_eq!(rerunnable.json, json!([failed]));
    // A step that begins anew forgets its failure and its end, and so does the run.
    let again = patch(admin, &step_path(run, 1), &json!({ "status": "running" })).await.json;
    assert!(again["failure"].is_null() && again["finished_at"].is_null(), "{again:#}");
    let open = admin.get(&own).await.json;
    assert_eq!((&open["status"], &open["finished_at"]), (&json!("running"), &Value::Null));
    patch(admin, &step_path(run, 1), &json!({ "status": "success" })).await;
    let completed = admin.get(&own).await.json;
    assert_eq!(
        (&completed["status"], &completed["success_rate"]),
        (&json!("completed"), &json!(100.0))
    );
}

/// A run begins and ends with its steps, as far as somebody says when they did, and is found
/// by the query of the service before this one.
pub async fn moments_of_steps(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Moments", &["A", "B"])).await;
    let run = run_of(&admin, &process).await;
    for (at, start, end) in [(0, "10:15:00", "10:17:30"), (1, "10:18:00", "10:19:30")] {
        let said = json!({ "status": "success", "started_at": format!("2025-10-03T{start}Z"),
            "finished_at": format!("2025-10-03T{end}Z") });
        patch(&admin, &step_path(&run, at), &said).await;
    }
    let own = format!("{RUNS}{}", run["id"]);
    let found = admin.get(&own).await.json;
    assert_eq!(found["started_at"], "2025-10-03T10:15:00.000Z");
    assert_eq!(found["finished_at"], "2025-10-03T10:19:30.000Z");
    let dashboard = format!("/api/v1/dashboard/process/{}", process["id"]);
    let statistics = &admin.get(&dashboard).await.json["statistics"];
    assert_eq!(statistics["average_completion_time"], "00:04:30");
    // A correction is one of the run as well.
    let later = json!({ "finished_at": "2025-10-03T10:20:00Z" });
    patch(&admin, &step_path(&run, 1), &later).await;
    assert_eq!(admin.get(&own).await.json["finished_at"], "2025-10-03T10:20:00.000Z");
    let query = format!(
        "{RUNS}?entity_name=Acme&status=completed&created_after=2025-10-01T00:00:00Z\
         &created_before=2099-10-31T23:59:59Z&meta_filter=priority:high&limit=100&offset=0\
         &process_id={}",
        process["id"]
    );
    let listed = admin.get(&query).await;
    assert_eq!(listed.json, json!([admin.get(&own).await.json]), "{}", listed.text);
    assert_eq!(listed.header("x-total-count"), "1");
}

/// Every order in which two steps can end gives the status that the table says.
pub async fn statuses(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Statuses", &["A", "B"])).await;
    for (steps, status) in [
        (["success", "pending"], "running"),
        (["success", "optional"], "completed"),
        (["success", "cancelled"], "cancelled"),
        (["running", "cancelled"], "cancelled"),
        (["failed", "cancelled"], "failed"),
        (["failed", "running"], "failed"),
        (["optional", "optional"], "pending"),
    ] {
        let run = run_of(&admin, &process).await;
        for (at, step) in steps.iter().enumerate() {
            let answer = patch(&admin, &step_path(&run, at), &json!({ "status": step })).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let run = admin.get(&format!("{RUNS}{}", run["id"])).await.json;
        assert_eq!(run["status"], status, "{steps:?}");
        assert_eq!(run["finished_at"].is_null(), matches!(status, "pending" | "running"));
    }
    // A run that was cancelled goes on when its steps do.
    let run = run_of(&admin, &process).await;
    for (at, status) in [(0, "cancelled"), (0, "success"), (1, "success")] {
        patch(&admin, &step_path(&run, at), &json!({ "status": status })).await;
    }
    assert_eq!(admin.get(&format!("{RUNS}{}", run["id"])).await.json["status"], "completed");
}

pub async fn bad_input(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Bad", &["A"])).await;
    let id = &process["id"];
    let many: serde_json::Map<_, _> = (0..70).map(|n| (format!("m{n}"), json!(n))).collect();
    for (body, field) in [
        (json!({ "entity_id": "E" }), "process_id"),
        (json!({ "process_id": "one", "entity_id": "E" }), "process_id"),
        (json!({ "process_id": id }), "entity_id"),
        (json!({ "process_id": id, "entity_id": "" }), "entity_id"),
        (json!({ "process_id": id, "entity_id": "x".repeat(101) }), "entity_id"),
        (
            json!({ "process_id": id, "entity_id": "E", "entity_name": "x".repeat(256) }),
            "entity_name",
        ),
        (json!({ "process_id": id, "entity_id": "E", "meta": [] }), "meta"),
        (json!({ "process_id": id, "entity_id": "E", "meta": many }), "meta"),
        (json!({ "process_id": id, "entity_id": "E", "deadline": "soon" }), "deadline"),
    ] {
        let answer = admin.post_json(RUNS, &body).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
    }
    bad_changes(&admin, &process).await;
}

async fn bad_changes(admin: &Caller, process: &Value) {
    let run = run_of(admin, process).await;
    for (body, field) in [
        (json!({}), "status"),
        (json!({ "status": "done" }), "status"),
        (json!({ "status": "success", "started_at": "soon" }), "started_at"),
        (
            json!({ "started_at": "2025-10-03T10:15:00Z", "finished_at": "2025-10-03T10:14:00Z" }),
            "finished_at",
        ),
        (json!({ "status": "failed", "failure": 5 }), "failure"),
        (json!({ "meta": { "a": "x".repeat(17_000) } }), "meta"),
        (json!({ "stauts": "success" }), "stauts"),
    ] {
        let answer = patch(admin, &step_path(&run, 0), &body).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
    }
    assert_eq!(admin.get(&step_path(&run, 0)).await.json, run["steps"][0]);
    for id in ["999999", "0", "1000", "-1", "999999001"] {
        let path = format!("/api/v1/step-runs/{id}");
        let answer = patch(admin, &path, &json!({ "status": "success" })).await;
        assert_eq!(answer.status, 404, "{}", answer.text);
        assert_eq!(answer.json["detail"], "Process step run not found");
    }
    let answer = admin.get("/api/v1/runs/999999").await;
    assert_eq!((answer.status, &answer.json["detail"]), (404, &json!("Process run not found")));
    let stray = json!({ "run_id": run["id"], "step_id": 999_999 });
    let answer = admin.post_json("/api/v1/step-runs", &stray).await;
    assert_eq!(answer.json["detail"], "Process step not found", "{}", answer.text);
    let added =
        json!({ "run_id": run["id"], "step_id": process["steps"][0]["id"], "step_index": 7 });
    let added = made(admin, "/api/v1/step-runs", &added).await;
    assert_eq!((&added["step_index"], &added["run_id"]), (&json!(7), &run["id"]));
}

/// A repeat under the same key starts nothing.
pub async fn repeats_under_a_key(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Once", &["A"])).await;
    let start = async |entity: &str| {
        let body = json!({ "process_id": process["id"], "entity_id": entity });
        let request = admin.request(reqwest::Method::POST, RUNS).json(&body);
        admin.send(request.header("idempotency-key", format!("once-{}", process["id"]))).await
    };
    let answers = join_all((0..6).map(|_| start("E-1"))).await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.json["id"], answers[0].json["id"]);
    }
    let other = start("E-2").await;
    assert_eq!(
        (other.status, &other.json["errors"][0]["field"]),
        (422, &json!("header Idempotency-Key")),
        "{}",
        other.text
    );
}

pub async fn deleted_and_restored(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Deleted", &["A", "B"])).await;
    let run = run_of(&admin, &process).await;
    let (own, dashboard) =
        (format!("{RUNS}{}", run["id"]), format!("/api/v1/dashboard/process/{}", process["id"]));
    assert_eq!(admin.delete(&own).await.status, 204);
    for answer in [
        admin.get(&own).await,
        admin.delete(&own).await,
        admin.get(&step_path(&run, 0)).await,
        patch(&admin, &step_path(&run, 0), &json!({ "status": "running" })).await,
        admin.get(&format!("/api/v1/step-runs/run/{}", run["id"])).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    let seen = admin.get(&dashboard).await.json;
    assert_eq!((&seen["statistics"]["total_runs"], &seen["runs"]), (&json!(0), &json!([])));
    // A pending run is pending again.
    let restored = admin.post(&format!("{own}/restore")).await.json;
    assert_eq!((&restored["status"], &restored["id"]), (&json!("pending"), &run["id"]));
    let seen = admin.get(&dashboard).await.json;
    assert_eq!(seen["statistics"]["pending_runs"], 1);
    assert_eq!(seen["runs"][0]["id"], run["id"]);
    assert_eq!(admin.post(&format!("{own}/restore")).await.status, 200);
}

pub async fn metadata(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Metadata", &["A"])).await;
    let run = run_of(&admin, &process).await;
    let own = format!("{RUNS}{}/metadata", run["id"]);
    for body in [json!({ "meta": { "priority": "low" } }), json!({ "priority": "lower" })] {
        let answer = patch(&admin, &own, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let refused = patch(&admin, &own, &json!({ "meta": { "zzz": 1 } })).await;
    let told = "Unknown metadata keys: ['zzz']. Existing keys: ['priority']";
    assert_eq!((refused.status, &refused.json["detail"]), (400, &json!(told)));
    let run = admin.get(&format!("{RUNS}{}", run["id"])).await.json;
    assert_eq!(run["meta"], json!({ "priority": "lower" }));
}

/// Of a neutral run nothing is left that may be about people, and it still counts.
pub async fn neutralised(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Neutral", &["A"])).await;
    let run = run_of(&admin, &process).await;
    let said = json!({ "status": "failed", "failure": { "message": "Anna did", "status_code": 5 },
        "meta": { "employee": "Anna", "wage": 1_234_567_891 } });
    patch(&admin, &step_path(&run, 0), &said).await;
    let own = format!("{RUNS}{}", run["id"]);
    let neutral = admin.post(&format!("{own}/neutralize")).await;
    assert_eq!(neutral.status, 200, "{}", neutral.text);
    for words in ["Anna", "Acme", "CUST-1", "1234567891"] {
        assert!(!neutral.json["steps"].to_string().contains(words), "{words}: {}", neutral.text);
    }
    let id = run["id"].as_i64().expect("a number");
    assert_eq!(neutral.json["entity_id"], format!("NEUTRALIZED_{id}"));
    assert_eq!(neutral.json["entity_name"], Value::Null);
    assert_eq!(neutral.json["meta"], json!({ "priority": "[NEUTRALIZED]" }));
    let failure = json!({ "message": "[NEUTRALIZED]", "status_code": 5 });
    assert_eq!(neutral.json["steps"][0]["failure"], failure);
    assert_eq!(neutral.json["status"], "failed");
    let again = admin.post(&format!("{own}/neutralize")).await;
    assert_eq!(again.json, neutral.json);
}

pub async fn cancelled(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Cancelled", &["A", "B"])).await;
    let run = run_of(&admin, &process).await;
    patch(&admin, &step_path(&run, 0), &json!({ "status": "success" })).await;
    let own = format!("{RUNS}{}/cancel", run["id"]);
    let cancelled = admin.post(&own).await.json;
    let steps: Vec<_> =
        cancelled["steps"].as_array().expect("steps").iter().map(|s| &s["status"]).collect();
    assert_eq!(
        (&cancelled["status"], steps),
        (&json!("cancelled"), vec![&json!("success"), &json!("cancelled")])
    );
    assert_eq!(admin.post(&own).await.status, 409);
    // Where nothing is open, nothing is cancelled.
    let nothing = made(&admin, PROCESSES, &definition("Nothing", &[])).await;
    let run = run_of(&admin, &nothing).await;
    assert_eq!(admin.post(&format!("{RUNS}{}/cancel", run["id"])).await.status, 409);
}

/// Many who change the steps of one run at the same instant: each change is there, and the
/// status is that of all of them.
pub async fn two_writers(target: &Target) {
    let admin = target.admin();
    let names: Vec<String> = (0..6).map(|n| format!("S{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let process = made(&admin, PROCESSES, &definition("Writers", &names)).await;
    let run = run_of(&admin, &process).await;
    let changes = (0..6).map(async |at| {
        for status in ["running", "success"] {
            let body = json!({ "status": status, "meta": { status: true } });
            let answer = patch(&admin, &step_path(&run, at), &body).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    });
    join_all(changes).await;
    let run = admin.get(&format!("{RUNS}{}", run["id"])).await.json;
    assert_eq!(run["status"], "completed", "{run:#}");
    for step in run["steps"].as_array().expect("steps") {
        assert_eq!(step["meta"], json!({ "running": true, "success": true }));
    }
}
