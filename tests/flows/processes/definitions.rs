//! Processes, their steps, versions and templates.

use reqwest::Method;
use serde_json::{Value, json};
use tests::support::{Target, second_tenant};

use super::{PROCESSES, definition, made, patch, run_of};

/// The examples of the service before this one, word by word.
pub async fn examples(target: &Target) {
    let admin = target.admin();
    let body = json!({
        "name": "Customer Onboarding",
        "meta": {
            "description": "Automated customer onboarding workflow",
            "department": "Customer Success",
            "owner": "system.automation",
            "version": "2.1.0"
        }
    });
    let process = made(&admin, PROCESSES, &body).await;
    assert_eq!((&process["name"], &process["meta"]), (&body["name"], &body["meta"]));
    let id = process["id"].as_i64().expect("a number");
    for (index, name) in ["Check", "Collect"].iter().enumerate() {
        let step = json!({ "process_id": id, "index": 1 - index, "name": name,
            "is_rerunnable": true, "rerun_config": { "max_retries": 2 } });
        let step = made(&admin, "/api/v1/steps/", &step).await;
        assert_eq!((&step["process_id"], &step["index"]), (&json!(id), &json!(1 - index)));
    }
    let found = admin.get(&format!("{PROCESSES}{id}")).await.json;
    let names: Vec<_> =
        found["steps"].as_array().expect("steps").iter().map(|s| &s["name"]).collect();
    assert_eq!(names, ["Collect", "Check"]);
    let steps = admin.get(&format!("/api/v1/steps/process/{id}")).await.json;
    assert_eq!(steps, found["steps"]);
    let last = &found["steps"][1]["id"];
    let last = format!("/api/v1/steps/{last}");
    let changed = patch(&admin, &last, &json!({ "is_rerunnable": false })).await;
    assert_eq!(changed.json["is_rerunnable"], false);
    let steps = admin.get(&format!("/api/v1/steps/process/{id}/rerunnable")).await.json;
    assert_eq!(steps.as_array().map(Vec::len), Some(1), "{steps}");
    // A process that nobody knows has no steps.
    assert_eq!(admin.get("/api/v1/steps/process/999999").await.json, json!([]));

    let list = admin.get(&format!("{PROCESSES}?limit=1000&offset=0")).await;
    let all = list.json.as_array().expect("a list");
    assert!(all.iter().any(|one| one["id"] == id));
    assert_eq!(list.header("x-total-count"), all.len().to_string());
    let ids: Vec<_> = all.iter().map(|one| one["id"].as_i64()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let page = admin.get(&format!("{PROCESSES}?page=1&size=1")).await.json;
    assert_eq!((&page["size"], &page["total"]), (&json!(1), &json!(all.len())), "{page}");
    searchable_fields(target).await;
}

async fn searchable_fields(target: &Target) {
    let admin = target.admin();
    let body = json!({ "name": "Fields", "meta": { "run_metadata_schema":
        { "priority": "string", "amount": "number" } } });
    let id = &made(&admin, PROCESSES, &body).await["id"];
    let fields = admin.get(&format!("{PROCESSES}{id}/searchable-fields")).await.json;
    assert_eq!(fields["field_count"], json!({ "standard": 8, "metadata": 2, "total": 10 }));
    let amount = json!({ "type": "number", "description": "Metadata field: amount",
        "sortable": true, "filterable": true, "sortable_as": "meta.amount",
        "filter_format": "meta_filter=amount:value" });
    assert_eq!(fields["metadata_fields"]["amount"], amount);
    let status = &fields["standard_fields"]["status"]["values"];
    assert_eq!(status, &json!(["pending", "running", "completed", "failed", "cancelled"]));
    let started = &fields["standard_fields"]["started_at"]["filter_types"];
    assert_eq!(started, &json!(["after", "before"]));
    let filterable = json!([
        "entity_id",
        "entity_name",
        "status",
        "started_at",
        "finished_at",
        "created_at",
        "meta.amount",
        "meta.priority"
    ]);
    let mut told: Vec<_> = fields["all_filterable_fields"].as_array().expect("names").clone();
    told.sort_by_key(|name| filterable.as_array().expect("names").iter().position(|n| n == name));
    assert_eq!(Value::Array(told), filterable);
}

/// Each change is a version; a run is of the one that it started with.
pub async fn versions_and_templates(target: &Target) {
    let admin = target.admin();
    let template = json!({ "name": "Offboarding", "meta": { "owner": "hr", "kept": true },
        "steps": [{ "name": "Collect badge" }, { "name": "Close accounts" }] });
    let template = made(&admin, "/api/v1/process-templates", &template).await;
    let own = format!("/api/v1/process-templates/{}", template["id"]);
    let over = json!({ "name": "Offboarding Aarhus", "meta": { "owner": "aarhus" } });
    let process = made(&admin, &format!("{own}/processes"), &over).await;
    assert_eq!(process["meta"], json!({ "owner": "aarhus", "kept": true }));
    assert_eq!(process["template"], format!("{}@1", template["id"]));
    let replaced = json!({ "name": "Offboarding", "steps": [{ "name": "Ask" }] });
    let replaced = admin.send(admin.request(Method::PUT, &own).json(&replaced)).await;
    assert_eq!((replaced.status, &replaced.json["version"]), (200, &json!(2)));

    let own = format!("{PROCESSES}{}", process["id"]);
    assert_eq!(admin.get(&own).await.json["steps"], process["steps"]);
    let run = run_of(&admin, &process).await;
    let first = &process["steps"][0]["id"];
    assert_eq!(admin.delete(&format!("/api/v1/steps/{first}")).await.status, 204);
    assert_eq!(admin.get(&format!("/api/v1/steps/{first}")).await.status, 404);
    assert_eq!(patch(&admin, &own, &json!({ "name": "Renamed" })).await.json["version"], 3);
    // What changes nothing is no version.
    assert_eq!(patch(&admin, &own, &json!({ "name": "Renamed" })).await.json["version"], 3);
    let versions = admin.get(&format!("{own}/versions")).await.json;
    let names: Vec<_> =
        versions.as_array().expect("versions").iter().map(|v| &v["process"]["name"]).collect();
    assert_eq!(names, ["Renamed", "Offboarding Aarhus", "Offboarding Aarhus"]);
    let seen = admin.get(&format!("{own}/versions/1")).await.json;
    assert_eq!(seen["process"]["steps"], process["steps"]);
    assert_eq!(admin.get(&format!("{own}/versions/4")).await.status, 404);
    // The run keeps the steps that it started with.
    let run = admin.get(&format!("/api/v1/runs/{}", run["id"])).await.json;
    assert_eq!(
        (&run["process_version"], run["steps"].as_array().map(Vec::len)),
        (&json!(1), Some(2))
    );
}

pub async fn bad_input(target: &Target) {
    let admin = target.admin();
    let long = "x".repeat(256);
    let steps = |steps: Value| json!({ "name": "P", "steps": steps });
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": long }), "name"),
        (json!({ "name": 5 }), "name"),
        (json!({ "name": "P", "meta": "none" }), "meta"),
        (json!({ "name": "P", "meta": { "a": "x".repeat(40_000) } }), "meta"),
        (
            json!({ "name": "P", "meta": { "run_metadata_schema": ["a"] } }),
            "meta.run_metadata_schema",
        ),
        (json!({ "name": "P", "retention_months": 0 }), "retention_months"),
        (json!({ "name": "P", "deadline_seconds": -1 }), "deadline_seconds"),
        (json!({ "name": "P", "unheard": 1 }), "unheard"),
        (steps(json!([{ "name": "A" }, { "name": " " }])), "steps[1].name"),
        (steps(json!([{ "name": "A", "index": -1 }])), "steps[0].index"),
        (steps(Value::Array(vec![json!({ "name": "A" }); 61])), "steps"),
    ] {
        let answer = admin.post_json(PROCESSES, &body).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
    }
    let missing = json!({ "process_id": 999_999, "name": "S" });
    let answer = admin.post_json("/api/v1/steps", &missing).await;
    assert_eq!((answer.status, &answer.json["detail"]), (404, &json!("Process not found")));
    for path in ["processes/999999", "processes/999999/searchable-fields", "steps/999999"] {
        assert_eq!(admin.get(&format!("/api/v1/{path}")).await.status, 404, "{path}");
    }
    assert_eq!(admin.get("/api/v1/processes/abc").await.status, 422);
}

/// A deleted process is seen no more, takes no runs, and comes back.
pub async fn deleted_and_restored(target: &Target) {
    let admin = target.admin();
    let process = made(&admin, PROCESSES, &definition("Gone", &["One"])).await;
    let run = run_of(&admin, &process).await;
    let own = format!("{PROCESSES}{}", process["id"]);
    let stranger = second_tenant(target).await;
    assert_eq!(stranger.delete(&own).await.status, 404);
    assert_eq!(admin.delete(&own).await.status, 204);
    for answer in [admin.get(&own).await, admin.delete(&own).await] {
        assert_eq!(answer.status, 404);
        assert_eq!(answer.json["detail"], "Process not found", "{}", answer.text);
    }
    let listed = admin.get(&format!("{PROCESSES}?limit=1000")).await.json;
    assert!(listed.as_array().expect("a list").iter().all(|one| one["id"] != process["id"]));
    let steps = format!("/api/v1/steps/process/{}", process["id"]);
    assert_eq!(admin.get(&steps).await.json, json!([]));
    let body = json!({ "process_id": process["id"], "entity_id": "E" });
    let refused = admin.post_json("/api/v1/runs", &body).await;
    let told = format!("Process with id '{}' not found", process["id"]);
    assert_eq!((refused.status, &refused.json["detail"]), (404, &json!(told)));
    assert_eq!(admin.get(&format!("/api/v1/runs/{}", run["id"])).await.status, 200);
    assert_eq!(admin.post(&format!("{own}/restore")).await.status, 200);
    assert_eq!(admin.get(&own).await.json["steps"], process["steps"]);
    assert_eq!(admin.get(&steps).await.json, process["steps"]);
}
