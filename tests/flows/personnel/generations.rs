//! What a generation is: whoever the source told of, those who joined, changed and left.

use std::collections::BTreeSet;

use jiff::civil::date;
use serde_json::{Value, json};
use simulators::onec::{Agent, agent_id, department_id};

use super::{PERSONNEL, SYNCS, beside_1c, changes, everybody, start, synced, wanted};

fn ids(numbers: impl Iterator<Item = usize>) -> BTreeSet<String> {
    numbers.map(agent_id).collect()
}

#[tokio::test]
async fn everybody_is_there_once_and_as_the_source_told() {
    let (world, _zup) = beside_1c(1203, json!({})).await;
    let path = start(&world, wanted(true)).await;
    let before = world.admin().get(PERSONNEL).await.json;
    assert_eq!((&before["total_count"], &before["sync_id"]), (&json!(0), &Value::Null));
    world.workforce().await;
    let done = world.admin().get(&path).await.json;
    assert_eq!((&done["status"], &done["progress_percentage"]), (&json!("completed"), &json!(100)));
    assert_eq!(
        (&done["records_processed"], &done["changes"]["joined"]),
        (&json!(1203), &json!(1203))
    );
    assert_eq!(everybody(&world, "active").await, ids(0..1203));
    let first = world.admin().get(&format!("{PERSONNEL}?limit=1")).await.json;
    let person = &first["personnel"][0];
    assert_eq!(person["agent_id"], agent_id(0));
    assert_eq!(
        (&person["tab_number"], &person["last_name"]),
        (&json!("000000"), &json!("Счастный"))
    );
    assert_eq!(person["department"], "Отдел обслуживания клиентов № 1");
    let of = format!("{PERSONNEL}?limit=1000&department={}", department_id(3));
    let of_department = world.admin().get(&of).await.json;
    assert_eq!(of_department["personnel"].as_array().map(Vec::len), Some(100));
    let connection = done["connection_id"].as_str().expect("an id");
    let logs = format!("/integrations/connections/{connection}/sync-logs?sync_type=personnel");
    let log = &world.admin().get(&logs).await.json["sync_logs"][0];
    assert_eq!((&log["id"], &log["status"]), (&done["sync_id"], &json!("completed")));
    assert_eq!(log["records_successful"], 1203);
}

#[tokio::test]
async fn joins_changes_and_leavers_are_told_and_pages_stay_full() {
    let (world, zup) = beside_1c(600, json!({})).await;
    let first = synced(&world, wanted(true)).await;
    assert_eq!(first["status"], "completed", "{first:#}");
    for number in [0, 250, 599] {
        zup.forget(&agent_id(number));
    }
    let new = Agent::new("ffffffff-0000-11e6-80ec-00155d00edab", &department_id(1));
    zup.agent(new.clone());
    zup.agent(Agent {
        position: "Мастер".to_owned(),
        ..Agent::new(&agent_id(7), &department_id(1))
    });
    let leaver = Agent::new(&agent_id(8), &department_id(1)).dismissed(date(2026, 5, 31));
    zup.habits(|habits| habits.today = date(2026, 6, 1));
    zup.agent(leaver);
    let second = synced(&world, wanted(true)).await;
    assert_eq!(second["status"], "completed", "{second:#}");
    let expected = [
        format!("vanished {}", agent_id(0)),
        format!("vanished {}", agent_id(250)),
        format!("vanished {}", agent_id(599)),
        format!("joined {}", new.id),
        format!("changed {}", agent_id(7)),
        format!("left {}", agent_id(8)),
    ];
    assert_eq!(changes(&world, &second).await, expected.into_iter().collect());
    let mut active = ids((1..599).filter(|number| ![8, 250].contains(number)));
    active.insert(new.id);
    assert_eq!(everybody(&world, "active").await, active);
    assert_eq!(everybody(&world, "inactive").await, ids([0, 8, 250, 599].into_iter()));
    let third = synced(&world, wanted(true)).await;
    assert_eq!(third["changes"]["unchanged"], 601, "{third:#}");
    assert!(changes(&world, &third).await.is_empty());
}

#[tokio::test]
async fn an_incremental_sync_takes_nobody_away() {
    let (world, zup) = beside_1c(300, json!({})).await;
    synced(&world, wanted(true)).await;
    for number in 0..290 {
        zup.forget(&agent_id(number));
    }
    let second = synced(&world, wanted(false)).await;
    assert_eq!(
        (&second["status"], &second["changes"]["vanished"]),
        (&json!("completed"), &json!(0))
    );
    assert_eq!(everybody(&world, "active").await, ids(0..300));
}

#[tokio::test]
async fn of_other_departments_nobody_is_looked_at() {
    let (world, zup) = beside_1c(300, json!({ "vanish_limit_percent": 100 })).await;
    synced(&world, wanted(true)).await;
    for number in 50..150 {
        zup.forget(&agent_id(number));
    }
    let mut of_first = wanted(true);
    of_first["departments"] = json!([department_id(1)]);
    let second = synced(&world, of_first).await;
    assert_eq!(second["changes"]["vanished"], 50, "{second:#}");
    assert_eq!(everybody(&world, "inactive").await, ids(50..100));
}

#[tokio::test]
async fn syncs_are_listed_newest_first() {
    let (world, _zup) = beside_1c(3, json!({})).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        world.wait(1);
        all.insert(0, synced(&world, wanted(true)).await["sync_id"].clone());
    }
    let listed = world.admin().get(&format!("{SYNCS}?limit=2")).await.json;
    let listed: Vec<_> =
        listed.as_array().expect("a list").iter().map(|one| &one["sync_id"]).collect();
    assert_eq!(listed, all.iter().take(2).collect::<Vec<_>>());
    let before = all[1].as_str().expect("an id");
    let older = world.admin().get(&format!("{SYNCS}?before={before}")).await.json;
    assert_eq!((older.as_array().map(Vec::len), &older[0]["sync_id"]), (Some(1), &all[2]));
}
