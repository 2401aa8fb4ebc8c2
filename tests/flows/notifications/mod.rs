//! Notifications: people are told by Slack, Teams and mail. In a world whose channels are
//! on loopback and whose time only the tests move.

mod input;
pub mod live;
mod mail;
mod rules;
mod slack;
mod teams;

use functions::messages::catalogue::EventType;
use serde_json::{Value, json};
use simulators::slack::Slack;
use tests::support::{Emitting, World};

/// Where targets, rules and notices are.
pub const TARGETS: &str = "/api/v1/notifications/targets";
pub const RULES: &str = "/api/v1/notifications/rules";
pub const NOTICES: &str = "/api/v1/notifications/notices";

/// A message that matters.
pub const SYNC_FAILED: EventType = EventType("integration.sync.failed");

/// A world that reaches channels on loopback.
pub async fn world(vars: &[(&str, &str)]) -> World {
    World::beside_its_targets(vars).await
}

/// A world with a Slack.
pub async fn world_and_slack() -> (World, Slack) {
    (world(&[]).await, Slack::start().await.expect("a Slack"))
}

/// Makes something, and answers it.
pub async fn made(world: &World, at: &str, new: Value) -> Value {
    let made = world.admin().send("POST", at, new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json
}

/// A target of Slack: its id.
pub async fn channel(world: &World, slack: &Slack, name: &str) -> String {
    let new = json!({ "name": name, "kind": "slack", "url": slack.webhook(name) });
    id(&made(world, TARGETS, new).await)
}

/// A rule for these targets and all types, with these members.
pub async fn rule(world: &World, targets: &[&str], more: Value) -> Value {
    let mut new = json!({ "name": "a rule", "event_types": ["*"], "target_ids": targets });
    for (name, value) in more.as_object().expect("members") {
        new[name] = value.clone();
    }
    made(world, RULES, new).await
}

/// The id of something that was answered.
pub fn id(of: &Value) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

/// Emits a message, and works through what follows.
pub async fn emit(world: &World, of: EventType, data: Value) {
    Emitting::within(&world.env).emit("default", of, &data).await;
    world.notify().await;
}

/// The notices there are, the newest first, of which this is asked.
pub async fn notices(world: &World, query: &str) -> Vec<Value> {
    let listed = world.admin().get(&format!("{NOTICES}?{query}")).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.json.as_array().expect("a list").clone()
}
