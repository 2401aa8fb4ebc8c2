//! Records that are checked, and not kept.

use serde_json::{Value, json};
use tests::support::{Answer, World};

use super::import::{kept, status};
use super::{CC, beside_a_centre};

async fn validate(world: &World, body: Value) -> Answer {
    world.admin().send("POST", &format!("{CC}/validate-data"), body).await
}

#[tokio::test]
async fn records_are_checked_by_their_kind_and_by_the_callers_rules() {
    let (world, _centre, _) = beside_a_centre().await;
    let mut busy = status("1", "A");
    busy["calls_handled"] = json!(501);
    let none = json!({ "status": "A" });
    let checked = validate(
        &world,
        json!({ "data_type": "agent_status",
        "data": [status("1", "A"), busy, none, 7],
        "validation_rules": { "calls_handled": { "min_value": 0, "max_value": 500 },
            "agent_id": { "required": true } } }),
    );
    let checked = checked.await;
    assert_eq!(checked.status, 200, "{}", checked.text);
    assert_eq!(
        checked.json,
        json!({ "total_records": 4, "valid_records": 1, "invalid_records": 3,
            "success_rate": 25.0, "validation_errors": [
            { "record_index": 1, "record": busy, "errors": ["calls_handled must be <= 500"] },
            { "record_index": 2, "record": none,
                "errors": ["agent_id is required", "start_time is required"] },
            { "record_index": 3, "record": 7, "errors": ["must be an object"] }] })
    );
    assert_eq!(kept(&world).await, Vec::<String>::new());
}

#[tokio::test]
async fn records_are_checked_as_an_import_would_and_not_all_is_told() {
    let (world, _centre, _) = beside_a_centre().await;
    let mut other = status("1", "A");
    other["state_name"] = json!("Otherwise");
    let large = json!({ "agent_id": "2", "x": "x".repeat(70_000) });
    let body = json!({ "data_type": "agent_status", "data": [status("1", "A"), other, large] });
    let told = validate(&world, body).await.json;
    let errors = |at: usize| told["validation_errors"][at]["errors"][0].clone();
    assert_eq!(errors(0), "has the key of record 0, and says something else");
    assert_eq!(errors(1), "must be at most 65536 bytes");
    let members: serde_json::Map<_, _> =
        (0..40).map(|number| (format!("m{number}"), json!(1))).collect();
    let many = vec![Value::Object(members); 5000];
    let body = json!({ "data_type": "agent_status", "data": many, "strict_mode": true });
    let told = validate(&world, body).await;
    assert_eq!(told.json["invalid_records"], 5000);
    let listed = told.json["validation_errors"].as_array().expect("errors");
    assert_eq!((listed.len(), listed[0]["errors"].as_array().map(Vec::len)), (1000, Some(20)));
    assert!(told.text.len() < 4_000_000, "{}", told.text.len());
}

#[tokio::test]
async fn only_who_is_strict_minds_members_that_nobody_knows() {
    let (world, _centre, _) = beside_a_centre().await;
    let group = json!({ "service_id": "1", "group_id": "2", "interval_start": "2026-06-01",
        "received_calls": 1.5, "colour": "red" });
    let body = |strict| {
        json!({ "data_type": "service_group_metrics", "data": [group],
        "strict_mode": strict })
    };
    let errors = async |strict| {
        let told = validate(&world, body(strict)).await;
        told.json["validation_errors"][0]["errors"].clone()
    };
    let number = "received_calls must be a whole number";
    assert_eq!(errors(false).await, json!([number]));
    assert_eq!(errors(true).await, json!([number, "colour is not known"]));
}

#[tokio::test]
async fn rules_that_cannot_be_obeyed_are_named() {
    let (world, _centre, _) = beside_a_centre().await;
    for (rules, field) in [
        (json!({ "a": { "min_value": 2, "max_value": 1 } }), "validation_rules.a"),
        (json!({ "a": { "least": 2 } }), "least"),
        (json!({ "": {} }), "validation_rules"),
        (json!(7), "validation_rules"),
    ] {
        let body = json!({ "data_type": "agent_status", "data": [{}], "validation_rules": rules });
        let refused = validate(&world, body).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
    for data in [json!([]), json!({}), Value::Null] {
        let refused = validate(&world, json!({ "data_type": "agent_status", "data": data })).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
}
