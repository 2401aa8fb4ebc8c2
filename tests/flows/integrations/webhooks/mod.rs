//! Webhooks: registering them, what receivers get, and what happens when they do not
//! take it. In a world whose receivers are on loopback and whose time only the tests move.

mod contract;
mod failing;
mod guarded;
mod input;
pub mod live;
mod order;
mod recovery;
mod signed;

use serde_json::{Value, json};
use simulators::receiver::Receiver;
use tests::support::World;

/// Where webhooks are.
pub const WEBHOOKS: &str = "/integrations/webhooks";

/// A world that reaches receivers on loopback, and one of them.
pub async fn world() -> (World, Receiver) {
    world_with(&[]).await
}

/// The same with these variables.
pub async fn world_with(vars: &[(&str, &str)]) -> (World, Receiver) {
    let reach = [("TARGET_NETWORKS", "127.0.0.1/32"), ("TARGET_PORTS", "1-65535")];
    let vars: Vec<_> = reach.iter().chain(vars).copied().collect();
    (World::with(&vars).await, Receiver::start().await.expect("a receiver"))
}

/// Registers a webhook at the receiver's path `/hook` for all types, with these members.
pub async fn register(world: &World, receiver: &Receiver, more: Value) -> Value {
    let mut new = json!({
        "name": "a receiver",
        "url": format!("{}/hook", receiver.url()),
        "event_types": ["*"],
    });
    for (name, value) in more.as_object().expect("members") {
        new[name] = value.clone();
    }
    let made = world.admin().send("POST", WEBHOOKS, new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json
}

/// The path of one webhook.
pub fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"))
}

/// Has Pega send an event of a case, which is the reason of a message.
pub async fn event(world: &World, case: &str) {
    let sent = json!({"caseId": case, "event": "role_change"});
    let answer = world.admin().send("POST", "/webhook/pega", sent).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The deliveries of a webhook, the newest first.
pub async fn deliveries(world: &World, webhook: &Value) -> Vec<Value> {
    let listed = world.admin().get(&format!("{}/deliveries", path(webhook))).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.json.as_array().expect("a list").clone()
}

/// The webhook as it is now.
pub async fn now(world: &World, webhook: &Value) -> Value {
    world.admin().get(&path(webhook)).await.json
}
