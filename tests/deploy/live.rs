//! Live events through API Gateway's sockets, the functions' own binaries, DynamoDB and
//! SQS.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use functions::messages::catalogue::CONNECTION_CREATED;
use serde_json::{Value, json};
use shared::env::Env;
use shared::table::Query;
use shared::tenant::Tenant;
use tests::support::{Caller, Credential, Emitting, Socket};

use super::Deployed;

async fn connections(env: &Env) -> Result<usize> {
    let pk = Tenant::parse("default")?.pk("SOCKETS", "");
    let found = env.table("MESSAGES_TABLE")?.query_all::<Value>(Query::partition(&pk)).await?;
    Ok(found.len())
}

async fn ticket(caller: &Caller) -> Result<String> {
    let made = caller.post("/live/tickets").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let text = |name: &str| made.json[name].as_str().context("a text");
    Ok(format!("{}?ticket={}", text("url")?, text("ticket")?))
}

/// Asked of a template that was deployed just now: nothing was told before.
pub async fn a_message_reaches_who_watches_it(deployed: &Deployed) -> Result<()> {
    let (env, admin) = (deployed.env().await?, deployed.admin_key().to_owned());
    let admin = Caller::new(deployed.url(), Credential::Bearer(admin));
    let url = ticket(&admin).await?;
    let mut socket = Socket::open(&url, &[]).await.expect("an open socket");
    assert_eq!(Socket::open(&url, &[]).await.err(), Some(403), "the ticket was used");
    assert_eq!(connections(&env).await?, 1);

    assert_eq!(socket.ask(&json!({"action": "ping"})).await, json!({"type": "pong", "seq": 0}));
    assert_eq!(socket.ask(&json!({"action": "dance"})).await["type"], "error");
    assert_eq!(socket.subscribe(&["integration.*"]).await, 0);
    let emitting = Emitting::within(&env);
    let mut waits = Vec::new();
    for seq in 1..=20 {
        emitting.emit("default", CONNECTION_CREATED, &json!({ "n": seq })).await;
        let committed = Instant::now();
        let event = socket.hear().await;
        waits.push(committed.elapsed());
        assert_eq!((&event["type"], &event["seq"]), (&json!("event"), &json!(seq)), "{event}");
        assert_eq!(event["data"], json!({ "n": seq }));
    }
    waits.sort_unstable();
    println!("from commit to client on the emulator: p50 {:?}", waits[10]);
    let read = admin.get("/live/messages?after=19").await.json;
    assert_eq!((&read["messages"][0]["seq"], &read["last"]), (&json!(20), &json!(20)));

    // A key that is revoked ends what it opened.
    let made = admin.post_json("/api/v1/api-keys", &json!({"name": "watcher"})).await.json;
    let key = Credential::Bearer(made["key"].as_str().context("a key")?.to_owned());
    let mut theirs = Socket::open(&ticket(&admin.with(key)).await?, &[]).await.expect("a socket");
    theirs.subscribe(&["*"]).await;
    let path = format!("/api/v1/api-keys/{}", made["id"]);
    assert_eq!(admin.delete(&path).await.status, 200);
    let until = Instant::now() + Duration::from_secs(60);
    while theirs.ask(&json!({"action": "ping"})).await["type"] == "pong" {
        assert!(Instant::now() < until, "a revoked key watches on");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    while theirs.next().await.is_ok() {}

    socket.close().await;
    while connections(&env).await? > 0 {
        assert!(Instant::now() < until, "a connection that ended is not forgotten");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
