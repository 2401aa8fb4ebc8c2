//! Synchronisations that nobody asks for: every interval, if the connection says so.

use functions::integrations::Timetable;
use serde_json::json;
use tests::support::World;

use super::{SYNCS, beside_1c, everybody};

async fn tick(world: &World) -> usize {
    Timetable::load(&world.env).expect("a timetable").tick().await.expect("a tick");
    world.workforce().await;
    world.admin().get(SYNCS).await.json.as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_scheduled_connection_is_synchronised_every_interval() {
    let settings = json!({ "scheduled": true, "sync_interval": 600 });
    let (world, zup) = beside_1c(5, settings).await;
    assert_eq!((tick(&world).await, tick(&world).await), (1, 1));
    world.wait(599);
    assert_eq!(tick(&world).await, 1);
    zup.people(6);
    world.wait(1);
    assert_eq!((tick(&world).await, everybody(&world, "active").await.len()), (2, 6));
    let (one, other) = tokio::join!(tick(&world), tick(&world));
    assert_eq!((one, other), (2, 2));
}

#[tokio::test]
async fn any_other_is_not() {
    let (world, _zup) = beside_1c(5, json!({})).await;
    assert_eq!(tick(&world).await, 0);
}
