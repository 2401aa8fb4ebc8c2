//! Mappings: written in versions, taken back, and tried without writing anything.

use functions::integrations::connections::mappings::Samples;
use serde_json::{Value, json};
use shared::ids;
use shared::tenant::Tenant;
use tests::support::World;

use super::{CONNECTIONS, create};

async fn connection(world: &World) -> String {
    let new = json!({"name": "1C", "integration_type": "1c",
        "endpoint_url": "https://1c.invalid", "authentication_type": "none"});
    create(world, new).await
}

fn people() -> Value {
    json!({
        "source_entity": "agents", "target_entity": "employees",
        "field_mappings": {"tab_number": "tabN", "name.last": "lastname", "hired": "startwork"},
        "transformation_rules": {
            "name.last": [{"type": "trim"}, {"type": "upper"}],
            "hired": [{"type": "date", "from": "%d.%m.%Y", "to": "%Y-%m-%d"}],
        },
        "validation_rules": {"tab_number": {"required": true, "pattern": "^[0-9]+$"}},
    })
}

async fn make(world: &World, path: &str) -> (String, Value) {
    let made = world.admin().send("POST", &format!("{path}/mappings"), people()).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id");
    (format!("{path}/mappings/{id}"), made.json.clone())
}

#[tokio::test]
async fn every_change_makes_a_version_and_any_can_be_taken_back() {
    let world = World::with(&[]).await;
    let path = connection(&world).await;
    assert_eq!(world.admin().get(&format!("{path}/mappings")).await.json, json!([]));
    let (mapping, made) = make(&world, &path).await;
    assert_eq!((&made["version"], &made["is_active"]), (&json!(1), &json!(true)));
    assert_eq!(made["transformation_rules"], people()["transformation_rules"]);
    let change = json!({"field_mappings": {"tab_number": "number"}, "transformation_rules": {},
        "is_active": false, "version": 1});
    let changed = world.admin().send("PUT", &mapping, change.clone()).await;
    assert_eq!((changed.status, &changed.json["version"]), (200, &json!(2)), "{}", changed.text);
    assert_eq!(changed.json["source_entity"], "agents");
    let late = world.admin().send("PUT", &mapping, change).await;
    assert_eq!(late.status, 409, "{}", late.text);
    let back =
        world.admin().send("POST", &format!("{mapping}/rollback"), json!({"version": 1})).await;
    assert_eq!((back.status, &back.json["version"]), (200, &json!(3)), "{}", back.text);
    assert_eq!(back.json["field_mappings"], people()["field_mappings"]);
    assert_eq!((&back.json["is_active"], &back.json["rolled_back_to"]), (&json!(true), &json!(1)));
    let versions = world.admin().get(&format!("{mapping}/versions")).await.json;
    let numbers: Vec<_> =
        versions.as_array().expect("a list").iter().map(|v| &v["version"]).collect();
    assert_eq!(numbers, [3, 2, 1]);
    assert_eq!(versions[2], made, "a version stays as it was");
    let page = world.admin().get(&format!("{mapping}/versions?skip=1&limit=1")).await.json;
    assert_eq!(page[0], versions[1]);
    let none =
        world.admin().send("POST", &format!("{mapping}/rollback"), json!({"version": 9})).await;
    assert_eq!(none.status, 404);
    assert_eq!(world.admin().get(&format!("{path}/mappings")).await.json, json!([back.json]));
}

#[tokio::test]
async fn of_changes_in_one_moment_each_makes_its_own_version_or_none() {
    let world = World::with(&[]).await;
    let path = connection(&world).await;
    let (mapping, _) = make(&world, &path).await;
    let admin = world.admin();
    let change = |n: usize| admin.send("PUT", &mapping, json!({"source_entity": format!("e{n}")}));
    let all = futures_util::future::join_all((0..6).map(change)).await;
    let done = all.iter().filter(|answer| answer.status == 200).count();
    assert!(done >= 1 && all.iter().all(|answer| matches!(answer.status, 200 | 409)));
    let versions = world.admin().get(&format!("{mapping}/versions")).await.json;
    assert_eq!(versions.as_array().map(Vec::len), Some(done + 1));
}

#[tokio::test]
async fn what_is_wrong_with_a_mapping_is_named() {
    let world = World::with(&[]).await;
    let path = connection(&world).await;
    let (mapping, _) = make(&world, &path).await;
    let rules = |rules: Value| json!({"transformation_rules": {"tab_number": rules}});
    for (changes, field) in [
        (json!({"source_entity": ""}), "source_entity"),
        (json!({"target_entity": "x".repeat(129)}), "target_entity"),
        (json!({"field_mappings": {}}), "field_mappings"),
        (json!({"field_mappings": {"tab_number": "a..b"}}), "field_mappings.tab_number"),
        (json!({"field_mappings": {"tab_number": 5}}), "field_mappings.tab_number"),
        (rules(json!([{"type": "eval"}])), "transformation_rules.tab_number[0]"),
        (rules(json!([{"type": "trim", "x": 1}])), "transformation_rules.tab_number[0]"),
        (rules(json!({"type": "trim"})), "transformation_rules.tab_number"),
        (
            rules(json!([{"type": "trim"}, {"type": "split", "separator": "", "index": 0}])),
            "transformation_rules.tab_number[1].separator",
        ),
        (json!({"validation_rules": {"x": {}}}), "validation_rules.x"),
        (
            json!({"validation_rules": {"tab_number": {"pattern": "(?=a)"}}}),
            "validation_rules.tab_number.pattern",
        ),
        (json!({"extra": 1}), "extra"),
    ] {
        let new = super::but(people(), changes.clone());
        for (method, path, body) in
            [("POST", format!("{path}/mappings"), new), ("PUT", mapping.clone(), changes)]
        {
            let answer = world.admin().send(method, &path, body.clone()).await;
            assert_eq!(answer.status, 422, "{method} {body} {}", answer.text);
            let named = answer.json["errors"][0]["field"].as_str().expect("a field");
            assert!(named.starts_with(field), "{method} {body} {named}");
        }
    }
    assert_eq!(
        world.admin().get(&format!("{mapping}/versions")).await.json.as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_dry_run_tells_what_would_become_of_each_record_and_writes_nothing() {
    let world = World::with(&[]).await;
    let path = connection(&world).await;
    let (mapping, _) = make(&world, &path).await;
    let records = json!([
        {"tabN": "42", "lastname": " Petrov", "startwork": "01.02.2020"},
        {"tabN": "A", "lastname": "Ivanov", "startwork": "yesterday"},
    ]);
    let entries = async || world.admin().get("/api/v1/audit-logs?limit=1000").await.json;
    let before = entries().await;
    let run = world
        .admin()
        .send("POST", &format!("{mapping}/dry-run"), json!({"records": records}))
        .await;
    assert_eq!(run.status, 200, "{}", run.text);
    let counts = ["total_records", "valid_records", "invalid_records"].map(|name| &run.json[name]);
    assert_eq!(counts, [2, 1, 1]);
    let first = json!({
        "record_index": 0, "before": records[0],
        "after": {"tab_number": "42", "name": {"last": "PETROV"}, "hired": "2020-02-01"},
        "differences": [
            {"field": "hired", "source": "startwork", "before": "01.02.2020", "after": "2020-02-01"},
            {"field": "name.last", "source": "lastname", "before": " Petrov", "after": "PETROV"},
        ],
        "errors": [],
    });
    assert_eq!(run.json["results"][0], first);
    let errors = json!([
        {"field": "hired", "message": "is no date in the given format"},
        {"field": "tab_number", "message": "must match the pattern"},
    ]);
    assert_eq!(run.json["results"][1]["errors"], errors);
    assert_eq!(entries().await, before);
}

#[tokio::test]
async fn a_dry_run_takes_the_last_records_if_none_are_given() {
    let world = World::with(&[]).await;
    let path = connection(&world).await;
    let (mapping, _) = make(&world, &path).await;
    let run =
        async |body: Value| world.admin().send("POST", &format!("{mapping}/dry-run"), body).await;
    for body in
        [Value::Null, json!({}), json!({"records": []}), json!({"records": vec![json!({}); 1001]})]
    {
        let refused = run(body).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("records")));
    }
    assert_eq!(run(json!({"records": [{"a": "x".repeat(260 * 1024)}]})).await.status, 413);
    let tenant = Tenant::parse("default").expect("a name");
    let id = path.rsplit('/').next().expect("an id");
    let samples = Samples::load(&world.env).expect("samples");
    let kept = samples.keep(&tenant, id, "agents", &[json!({"tabN": "7"})]).expect("a write");
    let table = world.env.table("INTEGRATIONS_TABLE").expect("a table");
    table.transact(&ids::time_ordered(), vec![kept]).await.expect("a table");
    let of_last = run(Value::Null).await;
    assert_eq!(of_last.json["results"][0]["after"], json!({"tab_number": "7"}), "{}", of_last.text);
    world.wait(8 * 24 * 3600);
    assert_eq!(run(Value::Null).await.status, 422, "they are not kept for ever");
}

#[tokio::test]
async fn mappings_go_with_their_connection_and_are_no_other_tenant_s() {
    let world = World::with(&[]).await;
    let path = connection(&world).await;
    let (mapping, made) = make(&world, &path).await;
    let tenant = world.admin().send("POST", "/api/v1/tenants", json!({"id": "acme"})).await.json;
    let acme = world.bearer(tenant["admin_key"].as_str().expect("a key"));
    let other = connection(&world).await;
    let id = made["id"].as_str().expect("an id");
    assert_eq!(acme.get(&format!("{mapping}/versions")).await.status, 404);
    let elsewhere = world.admin().get(&format!("{other}/mappings/{id}/versions")).await;
    assert_eq!((elsewhere.status, &elsewhere.json["detail"]), (404, &json!("Mapping not found")));
    assert_eq!(world.admin().get(&format!("{other}/mappings/5/versions")).await.status, 404);
    let (second, _) = make(&world, &path).await;
    for status in [200, 404] {
        assert_eq!(world.admin().send("DELETE", &second, Value::Null).await.status, status);
    }
    assert_eq!(world.admin().send("DELETE", &path, Value::Null).await.status, 200);
    assert_eq!(world.admin().get(&format!("{mapping}/versions")).await.status, 404);
    assert_eq!(world.admin().get(CONNECTIONS).await.json.as_array().map(Vec::len), Some(1));
}
