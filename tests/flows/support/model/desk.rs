//! IT support beside a language model.

use serde_json::{Value, json};
use simulators::chat::{Chat, KEY, MODEL};
use tests::support::World;

use super::super::{answer, go_by, ticket};
use crate::flows::integrations::create;

/// What is allowed, what somebody must approve, and what is not done at all.
const POLICIES: &str = r#"
[[policies]]
id = "access-control"
title = "Access"
text = "Access is given to those whose work needs it, after a manager has approved it."
applies_to = ["access"]
decision = "REQUIRES_APPROVAL"
confidence = 0.9
[[policies.steps]]
id = "open"
description = "Open the access"
actor = "employee"

[[policies]]
id = "games"
title = "Games"
text = "Games are not played at work."
applies_to = ["game"]
decision = "DENIED"
confidence = 0.9

[[policies]]
id = "general"
title = "Support in general"
text = """Employees get help with the equipment
that they work with."""
decision = "ALLOWED"
confidence = 0.9
[[policies.steps]]
id = "guide"
description = "Follow the guide"
actor = "employee"
"#;

/// A tenant whose policies name a model.
pub struct Desk {
    pub world: World,
    pub chat: Chat,
    /// Where the connection to the model is.
    pub connection: String,
}

/// A connection to a model with this key and these settings.
pub fn to(chat: &Chat, key: &str, config: &Value) -> Value {
    json!({
        "name": "Language model", "integration_type": "http", "endpoint_url": chat.url(),
        "authentication_type": "bearer", "credentials": { "token": key }, "config": config,
    })
}

/// The policies with a model behind this connection that may think for so many seconds.
pub fn policies(connection: &str, seconds: u64) -> String {
    let id = connection.rsplit('/').next().expect("an id");
    let model = format!("[model]\nconnection = \"{id}\"\nmodel = \"{MODEL}\"\n");
    format!("{model}timeout_seconds = {seconds}\n{POLICIES}")
}

impl Desk {
    /// With a model that has all the time it needs.
    pub async fn open() -> Self {
        Self::with(20, json!({}), KEY).await
    }

    /// With a model that may think for so many seconds, over a connection with these
    /// settings and this key.
    pub async fn with(seconds: u64, config: Value, key: &str) -> Self {
        let world = World::beside_its_targets(&[]).await;
        let chat = Chat::start().await.expect("a model");
        let connection = create(&world, to(&chat, key, &config)).await;
        go_by(&world, &policies(&connection, seconds)).await;
        Self { world, chat, connection }
    }

    /// Asks for something, and answers what became of it without a person.
    pub async fn ask(&self, kind: &str, description: &str) -> Value {
        let asked = json!({
            "employee_id": "EMP001", "request_type": kind, "title": "A request",
            "description": description,
        });
        let made = self.world.admin().send("POST", "/support/request", asked).await;
        assert_eq!(made.status, 200, "{}", made.text);
        self.world.support().await;
        ticket(&self.world, made.json["ticket_id"].as_str().expect("an id")).await
    }

    /// Tells what a ticket asks for, and answers what became of it.
    pub async fn tell(&self, asking: &Value) -> Value {
        let id = asking["ticket_id"].as_str().expect("an id");
        let taken = answer(&self.world, id, "EMP001", true).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
        self.world.support().await;
        ticket(&self.world, id).await
    }

    /// Changes the connection.
    pub async fn change(&self, change: Value) {
        let changed = self.world.admin().send("PUT", &self.connection, change).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    }
}
