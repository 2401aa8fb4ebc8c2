//! Whoever would not be let in any more watches no more, and a connection that is gone
//! leaves nothing behind.

use functions::messages::catalogue::{CONNECTION_CREATED, PEGA_EVENT_RECEIVED};
use serde_json::{Value, json};
use shared::table::{Query, Table};
use shared::tenant::Tenant;

use super::Watched;

impl Watched {
    fn messages(&self) -> Table {
        self.env.table("MESSAGES_TABLE").expect("a table")
    }

    /// How many connections the tenant `default` has.
    async fn connections(&self) -> usize {
        let pk = Tenant::parse("default").expect("a name").pk("SOCKETS", "");
        let found = self.messages().query_all::<Value>(Query::partition(&pk)).await;
        found.expect("rows").len()
    }
}

#[tokio::test]
async fn a_revoked_key_watches_for_fifteen_seconds_at_most() {
    let watched = Watched::start().await;
    let (id, key) = watched.key(&["integrations.read"]).await;
    watched.connect("theirs", &key).await;
    watched.connect("mine", &watched.world.admin_key).await;
    for socket in ["theirs", "mine"] {
        watched.subscribe(socket, &["*"]).await;
    }
    assert_eq!(watched.emit(CONNECTION_CREATED).await.len(), 2);
    let path = format!("/api/v1/api-keys/{id}");
    assert_eq!(watched.world.admin().send("DELETE", &path, Value::Null).await.status, 200);
    watched.world.wait(15);
    let (told, close) = watched.say("theirs", json!({"action": "ping"})).await;
    assert!(told["type"] == "error" && close, "{told}");
    assert_eq!(watched.emit(CONNECTION_CREATED).await, [("mine".to_owned(), 2)]);
    assert_eq!(watched.connections().await, 1);
}

#[tokio::test]
async fn who_only_listens_is_shown_out_when_their_key_ends() {
    let watched = Watched::start().await;
    let until = "2026-06-01T12:01:00Z";
    let made = watched.world.key(json!({"name": "w", "expires_at": until})).await;
    watched.connect("theirs", made["key"].as_str().expect("a key")).await;
    watched.subscribe("theirs", &["*"]).await;
    watched.world.wait(59);
    assert_eq!(watched.emit(CONNECTION_CREATED).await.len(), 1);
    watched.world.wait(1);
    assert!(watched.emit(CONNECTION_CREATED).await.is_empty());
    assert_eq!(*watched.pushes.closed.lock().unwrap(), ["theirs"]);
    assert_eq!(watched.connections().await, 0);
}

#[tokio::test]
async fn a_renewed_key_s_old_text_and_a_suspended_tenant_watch_nothing() {
    let watched = Watched::start().await;
    let (id, key) = watched.key(&["integrations.read"]).await;
    watched.connect("old", &key).await;
    watched.subscribe("old", &["*"]).await;
    let path = format!("/api/v1/api-keys/{id}/reroll");
    assert_eq!(watched.world.admin().send("POST", &path, json!({})).await.status, 200);
    watched.world.wait(15);
    assert!(watched.emit(CONNECTION_CREATED).await.is_empty(), "a thief stays no longer");

    let made = watched.world.admin().send("POST", "/api/v1/tenants", json!({"id": "other"})).await;
    let key = made.json["admin_key"].as_str().expect("a key").to_owned();
    watched.connect("theirs", &key).await;
    watched.subscribe("theirs", &["*"]).await;
    let path = "/api/v1/tenants/other/suspend";
    assert_eq!(watched.world.admin().send("POST", path, Value::Null).await.status, 200);
    watched.world.wait(15);
    assert!(watched.emitting.emit("other", CONNECTION_CREATED, &json!({})).await);
    assert!(watched.fan_out().await.is_empty());
}

#[tokio::test]
async fn a_connection_that_is_gone_is_forgotten() {
    let watched = Watched::start().await;
    for id in ["a", "b"] {
        watched.connect(id, &watched.world.admin_key).await;
        watched.subscribe(id, &["*"]).await;
    }
    watched.pushes.gone.lock().unwrap().push("a".to_owned());
    assert_eq!(watched.emit(CONNECTION_CREATED).await, [("b".to_owned(), 1)]);
    assert_eq!(watched.connections().await, 1);
    let (told, close) = watched.say("a", json!({"action": "ping"})).await;
    assert!(told["type"] == "error" && close, "{told}");
}

#[tokio::test]
async fn a_connection_lasts_two_hours_and_so_does_the_writing_of_messages() {
    let watched = Watched::start().await;
    watched.connect("a", &watched.world.admin_key).await;
    watched.subscribe("a", &["*"]).await;
    watched.world.wait(7199);
    assert_eq!(watched.emit(CONNECTION_CREATED).await.len(), 1);
    watched.connect("b", &watched.world.admin_key).await;
    watched.subscribe("b", &["pega.*"]).await;
    watched.world.wait(1);
    assert_eq!(watched.emit(PEGA_EVENT_RECEIVED).await, [("b".to_owned(), 2)]);
    watched.world.wait(7200);
    assert!(!watched.emitting.emit("default", CONNECTION_CREATED, &json!({})).await);
}

#[tokio::test]
async fn fan_out_costs_a_query_and_no_write() {
    let watched = Watched::start().await;
    for n in 0..20 {
        let id = format!("socket-{n}");
        watched.connect(&id, &watched.world.admin_key).await;
        watched.subscribe(&id, &["*"]).await;
    }
    watched.emit(CONNECTION_CREATED).await;
    watched.emitting.emit("default", CONNECTION_CREATED, &json!({})).await;
    let meter = watched.world.database.meter();
    meter.take();
    assert_eq!(watched.fan_out().await.len(), 20);
    let units = meter.take();
    assert_eq!(units.write, 0.0);
    // The message, and twenty connections of some 300 bytes.
    assert!(units.read <= 4.0, "{units:?}");
}
