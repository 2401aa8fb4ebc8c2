//! Credentials of connections are in the vault for no longer than they are needed. That
//! they are nowhere else is looked for among all secrets, by the canaries.

use serde_json::{Value, json};
use shared::table::Query;
use shared::tenant::Tenant;
use shared::vault::SecretName;
use tests::support::World;

use super::{CONNECTIONS, beside_a_system, but, create, to};

fn tenant() -> Tenant {
    Tenant::parse("default").expect("a name")
}

/// The vault's records that the connections name.
async fn records(world: &World) -> Vec<String> {
    let table = world.env.table("INTEGRATIONS_TABLE").expect("a table");
    let rows = Query::partition(&tenant().pk("CONNECTIONS", ""));
    let rows: Vec<Value> = table.query_all(rows).await.expect("rows");
    rows.iter().filter_map(|row| row["secrets"].as_str()).map(str::to_owned).collect()
}

async fn is_kept(world: &World, record: &str) -> bool {
    let name = SecretName::of(&tenant(), record).expect("a name");
    world.vault().read(&name).await.expect("an answer").is_some()
}

#[tokio::test]
async fn credentials_that_were_replaced_or_deleted_are_gone_from_the_vault() {
    let (world, system) = beside_a_system().await;
    let path = create(&world, to(&system)).await;
    let first = records(&world).await;
    assert!(first.len() == 1 && is_kept(&world, &first[0]).await);
    let change = json!({"credentials": {"username": "a", "password": "b"}});
    assert_eq!(world.admin().send("PUT", &path, change).await.status, 200);
    let second = records(&world).await;
    assert_ne!(first, second);
    assert!(is_kept(&world, &second[0]).await && !is_kept(&world, &first[0]).await);
    assert_eq!(world.admin().send("DELETE", &path, Value::Null).await.status, 200);
    assert!(!is_kept(&world, &second[0]).await);
}

#[tokio::test]
async fn a_connection_that_needs_no_credentials_has_none() {
    let (world, system) = beside_a_system().await;
    let none = json!({"authentication_type": "none", "credentials": {}});
    create(&world, but(to(&system), none)).await;
    let refused = json!({"authentication_type": "none"});
    let refused = world.admin().send("POST", CONNECTIONS, but(to(&system), refused)).await;
    assert_eq!(refused.status, 422);
    assert!(records(&world).await.is_empty());
}
