//! What is handed over.

use functions::integrations::contact_center::records::{AgentLogin, Record};
use serde_json::{Value, json};
use simulators::receiver::Receiver;
use tests::support::{Answer, World};

use super::{CC, beside_a_centre, change, keep, ms, push};

async fn export(world: &World, more: Value) -> Answer {
    let mut wanted = json!({"data_type": "agent_status", "start_date": "2026-06-01",
        "end_date": "2026-06-02"});
    for (name, value) in more.as_object().expect("members") {
        wanted[name] = value.clone();
    }
    world.admin().send("POST", &format!("{CC}/export-data"), wanted).await
}

#[tokio::test]
async fn records_are_handed_over_in_three_formats_and_others_are_told() {
    let (world, _centre, _) = beside_a_centre().await;
    let receiver = Receiver::start().await.expect("a receiver");
    push(
        &world,
        json!([
            change("=1", "A", "2026-06-01T10:00:00Z", 1),
            change("2", "B", "2026-06-01T10:00:00Z", 0)
        ]),
    )
    .await;
    let new = json!({"name": "n", "url": receiver.url(), "event_types": ["contact_center.data.*"]});
    assert_eq!(world.admin().send("POST", "/integrations/webhooks", new).await.status, 200);
    let all = export(&world, json!({"include_raw_data": true})).await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert_eq!(all.json["total_records"], 2);
    let second = &all.json["data"][0];
    assert_eq!((&second["agent_id"], &second["raw_data"]["stateCode"]), (&json!("2"), &json!("B")));
    assert_eq!(second["metrics"]["mark"], "left");
    assert_eq!(second["timestamp"], "2026-06-01T10:00:00Z");
    world.deliver().await;
    let told: Value = serde_json::from_slice(&receiver.took(1).await[0].body).expect("JSON");
    assert_eq!(told["payload"]["total_records"], 2);

    let csv = export(&world, json!({"format": "csv", "filters": {"agent_id": "=1"}})).await;
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(lines[0], "id,data_type,timestamp,agent_id,queue_id,service_group,metrics");
    assert!(
        lines.len() == 2 && lines[1].contains(",agent_status,2026-06-01T10:00:00Z,'=1,,"),
        "{}",
        csv.text
    );
    let ndjson = export(&world, json!({"format": "ndjson", "limit": 1})).await;
    let line: Value = serde_json::from_str(ndjson.text.trim_end()).expect("a line");
    assert_eq!(line["id"], all.json["data"][0]["id"], "the same id, always");
    let cursor = ndjson.header("x-next-cursor");
    let ndjson = export(&world, json!({"format": "ndjson", "limit": 1, "cursor": cursor})).await;
    assert!(ndjson.text.contains(all.json["data"][1]["id"].as_str().expect("an id")));
    assert!(!ndjson.headers.contains_key("x-next-cursor"));
}

#[tokio::test]
async fn every_kind_is_handed_over_each_record_once() {
    let (world, _centre, id) = beside_a_centre().await;
    let (login, logout) = (ms("2026-06-01T10:00:00Z"), ms("2026-06-01T12:00:00Z"));
    keep(&world, &id, [Record::AgentLogin(AgentLogin { agent: "1".to_owned(), login, logout })])
        .await;
    for kind in [
        "agent_status",
        "service_group_metrics",
        "queue_metrics",
        "agent_logins",
        "agent_calls",
        "agent_chats",
    ] {
        let answer = export(&world, json!({"data_type": kind})).await;
        let many = usize::from(kind == "agent_logins");
        assert_eq!(answer.json["total_records"], many, "{kind}: {}", answer.text);
    }
    for (name, value, field) in [
        ("data_type", json!("x"), "data_type"),
        ("end_date", json!("2026-06-01"), "end_date"),
        ("end_date", json!("2030-06-01"), "end_date"),
        ("format", json!("xml"), "format"),
        ("limit", json!(0), "limit"),
        ("cursor", json!("x"), "cursor"),
        ("colour", json!(1), "colour"),
    ] {
        let refused = export(&world, json!({name: value})).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
}
