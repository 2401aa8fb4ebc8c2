//! Imports that are refused, in whole or in part, and what is told of that.

use serde_json::{Value, json};
use tests::support::World;

use super::import::{counts, import, kept, status};
use super::{CC, beside_a_centre, connect};

#[tokio::test]
async fn nothing_is_imported_when_all_is_wanted_and_one_is_wrong() {
    let (world, _centre, _) = beside_a_centre().await;
    let data = json!([status("1", "A"), { "status": 7, "end_time": "x" }, "text"]);
    let whole = import(&world, json!({ "data": data })).await;
    assert_eq!((whole.status, counts(&whole)), (200, [3, 0, 3]), "{}", whole.text);
    let errors = json!([
        { "record_index": 1, "errors": ["agent_id is required", "status must be a string",
            "start_time is required", "end_time must be an RFC 3339 time or a date"] },
        { "record_index": 2, "errors": ["must be an object"] }
    ]);
    assert_eq!(whole.json["errors"], errors);
    assert_eq!(kept(&world).await, Vec::<String>::new());
    let place = format!("{CC}/imports/{}", whole.json["batch_id"].as_str().expect("an id"));
    let shown = world.admin().get(&place).await.json;
    assert_eq!((&shown["status"], &shown["failed_records"]), (&json!("rejected"), &json!(3)));
    let page = world.admin().get(&format!("{place}/errors?limit=1")).await.json;
    assert_eq!(page["errors"], json!([errors[0]]));
    assert_eq!((&page["total_errors"], &page["next"]), (&json!(2), &json!(1)));
    let rest = world.admin().get(&format!("{place}/errors?after=1")).await.json;
    assert_eq!((&rest["errors"], &rest["next"]), (&json!([errors[1]]), &Value::Null));

    let some = json!({ "data": data, "validate_before_import": false });
    let some = import(&world, some).await;
    assert_eq!(counts(&some), [3, 1, 2], "{}", some.text);
    assert_eq!(some.json["errors"], errors);
    assert_eq!(kept(&world).await, ["1 A"]);
}

#[tokio::test]
async fn two_records_of_one_key_must_say_the_same() {
    let (world, _centre, _) = beside_a_centre().await;
    let mut other = status("1", "A");
    other["state_name"] = json!("Otherwise");
    let data = json!([status("1", "A"), status("1", "A"), other]);
    let some = import(&world, json!({ "data": data, "validate_before_import": false })).await;
    assert_eq!(counts(&some), [3, 2, 1], "{}", some.text);
    let error = "has the key of record 0, and says something else";
    assert_eq!(some.json["errors"], json!([{ "record_index": 2, "errors": [error] }]));
    let last = import(&world, json!({ "data": data, "update_existing": true })).await;
    assert_eq!(counts(&last), [3, 3, 0], "{}", last.text);
    let told = super::historic(&world, "agentStatusData", "2026-06-01", "2026-06-02", "").await;
    assert_eq!(told.json["agent_status_data"][0]["state_name"], "Otherwise", "the last one");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_named() {
    let (world, _centre, _) = beside_a_centre().await;
    let many: Vec<Value> = (0..10_001).map(|_| json!({})).collect();
    for (more, field) in [
        (json!({}), "data"),
        (json!({ "data": [] }), "data"),
        (json!({ "data": many }), "data"),
        (json!({ "data": {} }), "data"),
        (json!({ "data": [{}], "data_type": "colours" }), "data_type"),
        (json!({ "data": [{}], "data_type": null }), "data_type"),
        (json!({ "data": [{}], "batch_size": 0 }), "batch_size"),
        (json!({ "data": [{}], "batch_size": 10_001 }), "batch_size"),
        (json!({ "data": [{}], "update_existing": "no" }), "update_existing"),
        (json!({ "data": [{}], "validate_before_import": 1 }), "validate_before_import"),
        (json!({ "data": [{}], "colour": 1 }), "colour"),
    ] {
        let refused = import(&world, more).await;
        assert_eq!(refused.status, 422, "{field}: {}", refused.text);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    let large = format!("[{}]", " ".repeat(5 * 1024 * 1024));
    let large = world.admin().raw("POST", &format!("{CC}/bulk-import"), large).await;
    assert_eq!(large.status, 413, "{}", large.text);
    let heavy = json!({ "data": [{ "agent_id": "1", "x": "x".repeat(70_000) }] });
    let heavy = import(&world, heavy).await;
    assert_eq!(heavy.json["errors"][0]["errors"], json!(["must be at most 65536 bytes"]));
    let bearer = format!("Bearer {}", world.admin_key);
    let long = "k".repeat(256);
    let keyed = world.who(&[("authorization", bearer.as_str()), ("idempotency-key", &long)]);
    let body = json!({ "data_type": "agent_status", "data": [status("1", "A")] });
    let refused = keyed.send("POST", &format!("{CC}/bulk-import"), body).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(kept(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn without_a_connection_there_is_nothing_to_import_into() {
    let world = World::beside_its_targets(&[]).await;
    let refused = import(&world, json!({ "data": [status("1", "A")] })).await;
    assert_eq!(refused.status, 404, "{}", refused.text);
    assert!(refused.text.contains("not configured or inactive"), "{}", refused.text);
}

#[tokio::test]
async fn another_tenant_imports_into_its_own() {
    let (world, centre, _) = beside_a_centre().await;
    let done = import(&world, json!({ "data": [status("1", "A")] })).await;
    let place = format!("{CC}/imports/{}", done.json["batch_id"].as_str().expect("an id"));
    let new = json!({ "id": "acme", "name": "acme" });
    let made = world.admin().send("POST", "/api/v1/tenants", new).await;
    let key = made.json["admin_key"].as_str().expect("a key").to_owned();
    let acme = world.bearer(&key);
    for path in [place.clone(), format!("{place}/errors")] {
        assert_eq!(acme.get(&path).await.status, 404);
    }
    assert_eq!(acme.get(&format!("{CC}/imports")).await.json, json!([]));
    let body = json!({ "data_type": "agent_status", "data": [status("9", "Z")] });
    let none = acme.send("POST", &format!("{CC}/bulk-import"), body.clone()).await;
    assert_eq!(none.status, 404);
    let own = connect(&world, &centre.url()).await;
    let foreign = format!("{CC}/bulk-import?connection_id={own}");
    assert_eq!(acme.send("POST", &foreign, body).await.status, 404);
    assert_eq!(
        world.admin().get(&format!("{CC}/imports")).await.json.as_array().map(Vec::len),
        Some(1)
    );
    let long = format!("{CC}/imports/{}", "x".repeat(3000));
    assert_eq!(world.admin().get(&long).await.status, 404);
}
