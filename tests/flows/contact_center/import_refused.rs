//! Imports that are refused, in whole or in part, and what is told of that.

use serde_json::{Value, json};
use shared::table::Key;
use shared::tenant::Tenant;
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
async fn records_are_imported_however_large_they_are_together() {
    let (world, _centre, _) = beside_a_centre().await;
    let record = |metrics: Value| {
        move |number: usize| {
            json!({ "queue_id": number.to_string(), "timestamp": "2026-06-01T10:00:00Z",
                "metrics": metrics })
        }
    };
    // More than a transaction may hold, and more than a part may be unpacked: each number is
    // longer when it is written again.
    let texts = record(json!({ "x": "y".repeat(40_000) }));
    let numbers = record(json!({ "x": vec![1e15; 3200] }));
    for (many, data) in
        [(100, (0..100).map(texts).collect::<Vec<_>>()), (70, (0..70).map(numbers).collect())]
    {
        let body = json!({ "data_type": "queue_metrics", "data": data });
        let body = body.to_string().replace("1000000000000000.0", "1e15");
        let done = world.admin().raw("POST", &format!("{CC}/bulk-import"), body).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let told = if many == 100 { [100, 100, 0] } else { [70, 0, 70] };
        assert_eq!(counts(&done), told, "the second ones say something else");
    }
}

#[tokio::test]
async fn an_import_that_could_not_go_on_is_begun_anew_under_its_key() {
    let (world, _centre, connection) = beside_a_centre().await;
    let bearer = format!("Bearer {}", world.admin_key);
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k")];
    let path = format!("{CC}/bulk-import");
    let body = json!({ "data_type": "agent_status", "data": [status("1", "A")] });
    let hurried = [headers[0], headers[1], ("prefer", "respond-async")];
    let taken = world.who(&hurried).send("POST", &path, body.clone()).await;
    let id = taken.json["batch_id"].as_str().expect("an id").to_owned();
    let tenant = Tenant::parse("default").expect("a tenant");
    let part = Key { pk: tenant.pk("CC-IMPORT-PARTS", &id), sk: "000000".to_owned() };
    let table = world.env.table("WORKFORCE_TABLE").expect("a table");
    table.delete_many(&[part]).await.expect("nothing is there any more");
    for _ in 0..10 {
        world.workforce().await;
        world.wait(600);
    }
    let place = format!("{CC}/imports/{id}");
    let failed = world.admin().get(&place).await.json;
    assert_eq!((&failed["status"], failed["ended_at"].is_string()), (&json!("failed"), true));
    let again = world.who(&headers).send("POST", &path, body.clone()).await;
    assert_eq!((again.status, counts(&again)), (200, [1, 1, 0]), "{}", again.text);
    assert_ne!(again.json["batch_id"], id);
    assert_eq!(kept(&world).await, ["1 A"]);
    // Whatever became of its connection, the same is answered with the same.
    let paused = json!({ "status": "inactive" });
    let at = format!("/integrations/connections/{connection}");
    assert_eq!(world.admin().send("PUT", &at, paused).await.status, 200);
    let third = world.who(&headers).send("POST", &path, body).await;
    assert_eq!(third.json["batch_id"], again.json["batch_id"], "{}", third.text);
}

#[tokio::test]
async fn days_are_of_our_time_however_they_are_written() {
    let (world, _centre, _) = beside_a_centre().await;
    let day = |date: &str| json!({ "agent_id": "1", "work_date": date, "work_time": 5 });
    let body = |data: Value| {
        json!({ "data_type": "agent_chats", "data": data,
        "validate_before_import": false })
    };
    let far = import(&world, body(json!([day("1950-01-01"), day("9999-12-31")]))).await;
    assert_eq!(counts(&far), [2, 0, 2], "{}", far.text);
    let same = import(&world, body(json!([day("2026-06-01"), day("20260601")]))).await;
    assert_eq!(counts(&same), [2, 2, 0], "{}", same.text);
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
