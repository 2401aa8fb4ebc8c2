//! Personnel: generations of people who work there, read from 1C.

mod cleared;
mod crashes;
mod generations;
mod held;
pub mod live;
mod refused;
mod schedule;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulators::onec::{USER, Zup};
use tests::support::World;

use crate::flows::integrations::CONNECTIONS;

const SYNC: &str = "/integrations/1c/sync-personnel";
const PERSONNEL: &str = "/integrations/1c/personnel";
const SYNCS: &str = "/integrations/1c/syncs";

/// A world beside a 1C with so many people, and a connection to it that is in use.
async fn beside_1c(people: usize, config: Value) -> (World, Zup) {
    let (world, zup) = (World::beside_its_targets(&[]).await, Zup::start().await.expect("a 1C"));
    zup.people(people);
    connect(&world, &zup, config).await;
    (world, zup)
}

/// A connection that is in use; its id.
async fn connect(world: &World, zup: &Zup, config: Value) -> String {
    let mut settings = json!({ "retry_attempts": 0 });
    for (name, value) in config.as_object().expect("settings") {
        settings[name] = value.clone();
    }
    let new = json!({
        "name": "1C", "integration_type": "1c", "endpoint_url": zup.url(),
        "authentication_type": "basic",
        "credentials": { "username": USER.0, "password": USER.1 }, "config": settings,
    });
    let made = world.admin().send("POST", CONNECTIONS, new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let active = json!({ "status": "active" });
    let changed = world.admin().send("PUT", &format!("{CONNECTIONS}/{id}"), active).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    id
}

/// What a synchronisation asks for.
fn wanted(full: bool) -> Value {
    json!({ "start_date": "2026-06-01", "end_date": "2026-06-30", "full_sync": full })
}

/// Starts a synchronisation; its path.
async fn start(world: &World, wanted: Value) -> String {
    let started = world.admin().send("POST", SYNC, wanted).await;
    assert_eq!(started.status, 200, "{}", started.text);
    assert_eq!(started.json["status"], "started");
    format!("{SYNCS}/{}", started.json["sync_id"].as_str().expect("an id"))
}

/// Synchronises, and answers how it stands then.
async fn synced(world: &World, wanted: Value) -> Value {
    let path = start(world, wanted).await;
    world.workforce().await;
    world.admin().get(&path).await.json
}

/// The ids of everybody of this status, over all pages.
async fn everybody(world: &World, status: &str) -> BTreeSet<String> {
    let (mut ids, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("{PERSONNEL}?status={status}&limit=400&cursor={cursor}");
        let page = world.admin().get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for person in page.json["personnel"].as_array().expect("people") {
            let id = person["agent_id"].as_str().expect("an id").to_owned();
            assert!(ids.insert(id), "nobody is there twice");
        }
        match page.json["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return ids,
        }
    }
}

/// What a synchronisation changed, as `kind id`.
async fn changes(world: &World, sync: &Value) -> BTreeSet<String> {
    let id = sync["sync_id"].as_str().expect("an id");
    let (mut all, mut step) = (BTreeSet::new(), Some(0));
    while let Some(at) = step {
        let page = world.admin().get(&format!("{SYNCS}/{id}/changes?step={at}")).await.json;
        for change in page["changes"].as_array().expect("changes") {
            let kind = change["kind"].as_str().expect("a kind");
            all.insert(format!("{kind} {}", change["agent_id"].as_str().expect("an id")));
        }
        step = page["next"].as_i64();
    }
    all
}
