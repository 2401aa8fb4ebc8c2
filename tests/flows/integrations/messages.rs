//! What is told of a connection, and that it is written down.

use functions::messages::{Log, watch};
use serde_json::{Value, json};
use shared::tenant::Tenant;
use tests::support::World;

use super::{beside_a_system, but, create, to};

/// Somebody watches the tenant.
async fn watched(world: &World) {
    let tenant = Tenant::parse("default").expect("a name");
    let messages = world.env.table("MESSAGES_TABLE").expect("a table");
    // For as long as the test lasts.
    let until = world.clock.now_ms() + 3_600_000;
    watch(&messages, &tenant, until).await.expect("a table");
}

/// All messages, oldest first.
async fn told(world: &World) -> Vec<(String, Value)> {
    let tenant = Tenant::parse("default").expect("a name");
    let log = Log::load(&world.env).expect("a log");
    let messages = log.from(&tenant, 1, 1000, 1000).await.expect("a table");
    let told = messages
        .iter()
        .map(|message| (message.event_type.clone(), message.data().expect("an object")));
    told.collect()
}

#[tokio::test]
async fn changes_are_told_and_a_status_only_when_it_changes() {
    let (world, system) = beside_a_system().await;
    watched(&world).await;
    let path = create(&world, to(&system)).await;
    for _ in 0..2 {
        world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    }
    world.admin().send("PUT", &path, json!({"name": "Other", "status": "inactive"})).await;
    world.admin().send("DELETE", &path, Value::Null).await;
    let told = told(&world).await;
    let kinds: Vec<_> =
        told.iter().map(|(kind, _)| kind.rsplit('.').next().expect("a name")).collect();
    assert_eq!(kinds, ["created", "status_changed", "updated", "status_changed", "deleted"]);
    let id = path.rsplit('/').next().expect("an id");
    let changed = json!({"connection_id": id, "name": "1C ZUP Production",
        "integration_type": "1c", "status": "active", "previous_status": "inactive",
        "last_error": null});
    assert_eq!(told[1].1, changed);
    assert_eq!(told[2].1["changed"], json!(["name", "status"]));
    assert_eq!(told[4].1["action"], "deleted");
    let entries = world.admin().get(&format!("/api/v1/audit-logs?subject=connection:{id}")).await;
    let entries = entries.json;
    let actions: Vec<_> = entries.as_array().expect("entries").iter().rev().collect();
    let actions: Vec<_> = actions.iter().filter_map(|entry| entry["action"].as_str()).collect();
    assert_eq!(actions.len(), 5, "{actions:?}");
}

#[tokio::test]
async fn a_connection_that_wants_none_is_not_told_of() {
    let (world, system) = beside_a_system().await;
    watched(&world).await;
    let config = json!({"config": {"enable_webhooks": false, "retry_attempts": 0}});
    let path = create(&world, but(to(&system), config)).await;
    world.admin().send("POST", &format!("{path}/test"), Value::Null).await;
    world.admin().send("DELETE", &path, Value::Null).await;
    assert_eq!(told(&world).await, []);
}
