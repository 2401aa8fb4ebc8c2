//! What a synchronisation leaves behind: the pages that are published, and no others.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::tenant::Tenant;
use simulators::onec::{Mishap, agent_id};
use tests::support::World;

use super::{SYNCS, beside_1c, synced, wanted};

type Item = HashMap<String, AttributeValue>;

/// All of a partition.
async fn partition(world: &World, name: &str, of: &str) -> Vec<Item> {
    let tenant = Tenant::parse("default").expect("a tenant");
    let pk = AttributeValue::S(tenant.pk(name, of));
    let query = Client::new(&world.database.sdk()).query().table_name("WorkforceTable");
    let query = query.key_condition_expression("pk = :pk").expression_attribute_values(":pk", pk);
    query.send().await.expect("an answer").items.unwrap_or_default()
}

/// The names of the sets of pages that a synchronisation made.
fn sets(sync: &Item) -> Vec<&str> {
    let told = sync["told"].as_m().ok().and_then(|told| told["set"].as_m().ok());
    let sets = [told, sync["next"].as_m().ok()];
    sets.into_iter().flatten().map(|set| set["name"].as_s().expect("a name").as_str()).collect()
}

/// How many pages there are of what any synchronisation made, published or not.
async fn pages(world: &World) -> usize {
    let listed = world.admin().get(SYNCS).await.json;
    let connection = listed[0]["connection_id"].as_str().expect("a connection");
    let mut pages = 0;
    for sync in partition(world, "PERSONNEL-SYNCS", connection).await {
        for set in sets(&sync) {
            pages += partition(world, "PAGES", set).await.len();
        }
    }
    pages
}

#[tokio::test]
async fn pages_that_nobody_points_at_are_removed() {
    let (world, zup) = beside_1c(600, json!({})).await;
    for _ in 0..3 {
        assert_eq!(synced(&world, wanted(true)).await["status"], "completed");
        assert_eq!(pages(&world).await, 3, "six hundred people are three pages");
    }
    zup.mishap("agents", 1, &Mishap::HalfOfPeople);
    let held = synced(&world, wanted(true)).await;
    let id = held["sync_id"].as_str().expect("an id");
    let why = json!({ "reason": "No" });
    let rejected = world.admin().send("POST", &format!("{SYNCS}/{id}/reject"), why).await;
    assert_eq!(rejected.status, 200, "{}", rejected.text);
    world.workforce().await;
    assert_eq!(pages(&world).await, 3, "of one that was rejected nothing is left");
    for number in 0..600 {
        zup.forget(&agent_id(number));
    }
    assert_eq!(synced(&world, wanted(true)).await["status"], "failed");
    assert_eq!(pages(&world).await, 3);
}
