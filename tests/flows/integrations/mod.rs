//! Workforce integrations: connections, and webhooks that tell other systems.

mod breaker;
mod connections;
mod guarded;
pub mod live;
mod logged;
mod mappings;
mod messages;
pub mod onec;
mod reach;
mod secrets;
mod syncs;
pub mod webhooks;

use serde_json::{Value, json};
use simulators::rest::{Rest, USER};
use tests::support::World;

/// Where connections are.
pub const CONNECTIONS: &str = "/integrations/connections";

/// A world beside a system that its connections lead to.
pub async fn beside_a_system() -> (World, Rest) {
    (World::beside_its_targets(&[]).await, Rest::start().await.expect("a system"))
}

/// A connection to that system, signed in as its user, that tries each call once.
pub fn to(system: &Rest) -> Value {
    json!({
        "name": "1C ZUP Production", "integration_type": "1c", "endpoint_url": system.url(),
        "authentication_type": "basic",
        "credentials": {"username": USER.0, "password": USER.1},
        "config": {"retry_attempts": 0},
    })
}

/// Creates a connection and answers where it is.
pub async fn create(world: &World, new: Value) -> String {
    let made = world.admin().send("POST", CONNECTIONS, new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    format!("{CONNECTIONS}/{}", made.json["id"].as_str().expect("an id"))
}

/// The same with some members changed; null takes one away.
pub fn but(mut value: Value, changes: Value) -> Value {
    for (name, change) in changes.as_object().expect("changes") {
        match change {
            Value::Null => drop(value.as_object_mut().expect("an object").remove(name)),
            change => value[name] = change.clone(),
        }
    }
    value
}
