//! Statuses that are pushed: what is kept of them, and which one is the current one.

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulators::receiver::Receiver;

use super::{CC, beside_a_centre, change, current, push, stretches};

const DAY: (&str, &str) = ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");

fn of(agent: &str, code: &str) -> (String, String) {
    (agent.to_owned(), code.to_owned())
}

#[tokio::test]
async fn every_form_is_taken_and_shown_at_once() {
    let (world, _centre, _) = beside_a_centre().await;
    for body in [
        json!({"agent_id": "a", "status": "available", "timestamp": "2026-06-01T10:00:00Z"}),
        json!({"agent_id": "b", "status": "after_call_work", "start_time": "2026-06-01T11:00:00",
            "queue_id": "q", "service_group": "g", "duration_seconds": 1.5, "calls_handled": 3,
            "additional_data": {"x": 1}}),
        change("c", "LUNCH", "2026-06-01T11:30:00Z", 1),
        json!([change("d", "X", "2026-06-01T11:00:00Z", 1),
            {"agent_id": "e", "status": "y", "timestamp": "2026-06-01T11:00:00Z"}]),
    ] {
        let answer = push(&world, body).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        assert_eq!(answer.json["success"], true);
    }
    let expected =
        [("a", "available"), ("b", "after_call_work"), ("c", "LUNCH"), ("d", "X"), ("e", "y")];
    assert_eq!(current(&world).await, expected.map(|(agent, code)| of(agent, code)));
    let online = world.admin().get(&format!("{CC}/online/agentStatus")).await.json;
    assert_eq!(online["total_agents"], 5);
    let b = &online["agent_status"][1];
    assert_eq!(b["state_name"], "After Call Work");
    assert_eq!(
        (&b["start_date"], &b["duration_seconds"]),
        (&json!("2026-06-01T11:00:00Z"), &json!(3600))
    );
    let (path, own) = (format!("/api/v1{CC}/online/agentStatus"), json!(online["agent_status"]));
    assert_eq!(world.admin().get(&path).await.json["agent_status"], own, "under both bases");
}

#[tokio::test]
async fn an_older_push_stands_in_the_history_and_never_becomes_current() {
    let (world, _centre, _) = beside_a_centre().await;
    let messages = [
        change("1", "C", "2026-06-01T11:00:00Z", 1),
        change("1", "B", "2026-06-01T11:00:00Z", 0),
        change("1", "A", "2026-06-01T09:00:00Z", 1),
        change("1", "B", "2026-06-01T10:00:00Z", 1),
        change("1", "A", "2026-06-01T10:00:00Z", 0),
    ];
    for message in &messages {
        assert_eq!(push(&world, message.clone()).await.status, 202);
        assert_eq!(current(&world).await, [of("1", "C")]);
    }
    let expected = ["A 09:00:00 10:00:00", "B 10:00:00 11:00:00", "C 11:00:00 -"];
    assert_eq!(stretches(&world, "1", DAY.0, DAY.1).await, expected);
    // All of it twice is all of it once.
    assert_eq!(push(&world, Value::from(messages.to_vec())).await.status, 202);
    assert_eq!(stretches(&world, "1", DAY.0, DAY.1).await, expected);
    assert_eq!(current(&world).await, [of("1", "C")]);
}

#[tokio::test]
async fn in_whatever_order_the_changes_of_a_second_come_the_last_one_stays() {
    let at = "2026-06-01T11:00:00Z";
    // A is left for Z, and Z for C, in one second.
    let all = [
        change("1", "A", at, 0),
        change("1", "Z", at, 1),
        change("1", "Z", at, 0),
        change("1", "C", at, 1),
    ];
    let orders = (0..4).flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| [a, b, c])));
    let mut tried = 0;
    for [a, b, c] in orders.filter(|[a, b, c]| a != b && b != c && a != c) {
        let (world, _centre, _) = beside_a_centre().await;
        push(&world, change("1", "A", "2026-06-01T10:00:00Z", 1)).await;
        let last = 6 - a - b - c;
        for at in [a, b, c, last] {
            assert_eq!(push(&world, all[at].clone()).await.status, 202);
        }
        assert_eq!(current(&world).await, [of("1", "C")], "{a}{b}{c}{last}");
        let expected = ["A 10:00:00 11:00:00", "Z 11:00:00 11:00:00", "C 11:00:00 -"];
        assert_eq!(stretches(&world, "1", DAY.0, DAY.1).await, expected, "{a}{b}{c}{last}");
        tried += 1;
    }
    assert_eq!(tried, 24);
}

#[tokio::test]
async fn who_left_a_status_and_entered_none_is_in_none() {
    let (world, _centre, _) = beside_a_centre().await;
    push(&world, change("1", "A", "2026-06-01T10:00:00Z", 1)).await;
    push(&world, change("1", "A", "2026-06-01T10:30:00Z", 0)).await;
    assert_eq!(current(&world).await, []);
    // It came late, and was left already.
    push(&world, change("1", "A", "2026-06-01T10:15:00Z", 1)).await;
    assert_eq!(current(&world).await, []);
}

#[tokio::test]
async fn pushes_of_one_moment_leave_the_latest_one() {
    let (world, _centre, _) = beside_a_centre().await;
    let pushes = (0..60).map(|second| {
        let at = format!("2026-06-01T11:00:{second:02}Z");
        push(&world, change("1", &format!("S{second}"), &at, 1))
    });
    let answers = join_all(pushes).await;
    assert!(answers.iter().all(|answer| answer.status == 202));
    assert_eq!(current(&world).await, [of("1", "S59")]);
    assert_eq!(stretches(&world, "1", DAY.0, DAY.1).await.len(), 60);
}

#[tokio::test]
async fn a_thousand_are_taken_together_or_none() {
    let (world, _centre, _) = beside_a_centre().await;
    let one = |n: usize| change(&format!("{n:04}"), "A", "2026-06-01T11:00:00Z", 1);
    let mut all: Vec<Value> = (0..1000).map(one).collect();
    all[999]["action"] = json!(2);
    let refused = push(&world, Value::from(all.clone())).await;
    assert_eq!(
        (refused.status, &refused.json["errors"][0]["field"]),
        (422, &json!("[999].action"))
    );
    assert_eq!(current(&world).await, []);
    all[999]["action"] = json!(1);
    assert_eq!(push(&world, Value::from(all)).await.status, 202);
    assert_eq!(current(&world).await.len(), 1000);
}

#[tokio::test]
async fn who_listens_is_told_once_of_what_becomes_current() {
    let (world, _centre, connection) = beside_a_centre().await;
    let receiver = Receiver::start().await.expect("a receiver");
    let new = json!({"name": "n", "url": receiver.url(), "event_types": ["contact_center.*"]});
    assert_eq!(world.admin().send("POST", "/integrations/webhooks", new).await.status, 200);
    let pair = json!([
        change("1", "A", "2026-06-01T11:00:00Z", 0),
        change("1", "B", "2026-06-01T11:00:00Z", 1)
    ]);
    for body in [pair.clone(), pair, change("1", "C", "2026-06-01T10:00:00Z", 1)] {
        assert_eq!(push(&world, body).await.status, 202);
    }
    world.deliver().await;
    let taken = receiver.took(1).await;
    let body: Value = serde_json::from_slice(&taken[0].body).expect("JSON");
    let expected = json!({"connection_id": connection, "agent_id": "1", "status": "B",
        "state_name": "In B", "timestamp": "2026-06-01T11:00:00Z"});
    assert_eq!(body["payload"], expected);
    assert_eq!(receiver.took(1).await.len(), 1, "of what came late nobody is told");
}

#[tokio::test]
async fn a_push_costs_three_write_units_and_no_message_when_nobody_listens() {
    let (world, _centre, _) = beside_a_centre().await;
    push(&world, change("1", "A", "2026-06-01T10:00:00Z", 1)).await;
    let meter = world.database.meter();
    meter.take();
    push(&world, change("1", "B", "2026-06-01T10:00:01Z", 1)).await;
    let used = meter.take();
    // History and current status; the third is that of the caller's rate.
    assert!(used.write <= 3.0, "{} write units", used.write);
    assert!(used.read <= 2.0, "{} read units", used.read);
}
