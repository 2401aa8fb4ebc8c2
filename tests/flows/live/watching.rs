//! What is watched: patterns, permissions, tenants.

use functions::live::Sockets;
use functions::messages::catalogue::{
    CONNECTION_CREATED, CONNECTION_DELETED, DELIVERY_FAILED, PEGA_EVENT_PROCESSED,
    PEGA_EVENT_RECEIVED,
};
use serde_json::{Value, json};

use tests::support::Installation;

use super::{Watched, with_key};

fn to(ids: &[&str], seq: i64) -> Vec<(String, i64)> {
    ids.iter().map(|id| ((*id).to_owned(), seq)).collect()
}

#[tokio::test]
async fn a_socket_hears_what_its_patterns_name() {
    let watched = Watched::start().await;
    for id in ["a", "b", "c"] {
        watched.connect(id, &watched.world.admin_key).await;
    }
    assert!(watched.emit(CONNECTION_CREATED).await.is_empty(), "nobody has subscribed");
    watched.subscribe("a", &["integration.connection.created"]).await;
    watched.subscribe("b", &["integration.*", "pega.event.received"]).await;
    watched.subscribe("c", &["*"]).await;
    assert_eq!(watched.emit(CONNECTION_CREATED).await, to(&["a", "b", "c"], 1));
    assert_eq!(watched.emit(CONNECTION_DELETED).await, to(&["b", "c"], 2));
    assert_eq!(watched.emit(PEGA_EVENT_RECEIVED).await, to(&["b", "c"], 3));
    assert_eq!(watched.emit(PEGA_EVENT_PROCESSED).await, to(&["c"], 4));
    assert!(watched.emit(DELIVERY_FAILED).await.is_empty(), "* leaves out what is of webhooks");

    let less = json!({"action": "unsubscribe", "topics": ["integration.*"]});
    let (left, _) = watched.say("b", less).await;
    assert_eq!(left, json!({"type": "subscribed", "topics": ["pega.event.received"], "seq": 5}));
    assert_eq!(watched.emit(CONNECTION_DELETED).await, to(&["c"], 6));
    watched.sockets.disconnect("c").await.expect("forgotten");
    assert!(watched.emit(CONNECTION_DELETED).await.is_empty());
}

#[tokio::test]
async fn what_a_caller_may_not_see_never_reaches_them() {
    let watched = Watched::start().await;
    let (_, events) = watched.key(&["events.read"]).await;
    let (_, neither) = watched.key(&["tickets.request"]).await;
    watched.connect("events", &events).await;
    watched.connect("neither", &neither).await;
    let refused = watched.subscribe("events", &["pega.*", "integration.*"]).await;
    assert_eq!((&refused["type"], &refused["action"]), (&json!("error"), &json!("subscribe")));
    let detail = refused["detail"].as_str().expect("a text");
    assert!(detail.contains("integration.*") && detail.contains("integrations.read"), "{detail}");
    let refused = watched.subscribe("neither", &["*"]).await;
    assert_eq!(refused["type"], "error", "{refused}");

    let told = watched.subscribe("events", &["*"]).await;
    assert_eq!(told["topics"], json!(["*"]), "nothing of what was refused");
    assert!(watched.emit(CONNECTION_CREATED).await.is_empty());
    assert_eq!(watched.emit(PEGA_EVENT_RECEIVED).await, to(&["events"], 2));
}

#[tokio::test]
async fn another_tenant_hears_nothing() {
    let watched = Watched::start().await;
    let other = json!({"id": "other"});
    let made = watched.world.admin().send("POST", "/api/v1/tenants", other).await;
    let key = made.json["admin_key"].as_str().expect("a key").to_owned();
    watched.connect("mine", &watched.world.admin_key).await;
    watched.connect("theirs", &key).await;
    watched.subscribe("theirs", &["*"]).await;
    assert!(!watched.emitting.emit("default", CONNECTION_CREATED, &json!({})).await);
    watched.subscribe("mine", &["*"]).await;
    assert_eq!(watched.emit(CONNECTION_CREATED).await, to(&["mine"], 1));
    assert!(watched.emitting.emit("other", CONNECTION_DELETED, &json!({})).await);
    assert_eq!(watched.fan_out().await, to(&["theirs"], 1));
    let theirs = watched.world.bearer(&key).get("/live/messages").await.json;
    assert_eq!(theirs["messages"].as_array().map(Vec::len), Some(1), "{theirs}");
    assert_eq!(theirs["messages"][0]["event_type"], CONNECTION_DELETED.0);
}

#[tokio::test]
async fn a_message_too_large_for_a_frame_comes_without_its_data() {
    let watched = Watched::start().await;
    watched.connect("a", &watched.world.admin_key).await;
    watched.subscribe("a", &["*"]).await;
    let large = json!({"text": "x".repeat(40_000)});
    watched.emitting.emit("default", CONNECTION_CREATED, &large).await;
    let hint = watched.hints.0.lock().unwrap().pop().expect("a hint");
    watched.fanout.deliver(hint).await.expect("fanned out");
    let (_, frame) = watched.pushes.sent.lock().unwrap().pop().expect("a frame");
    assert_eq!((&frame["type"], &frame["truncated"]), (&json!("event"), &json!(true)));
    assert_eq!((&frame["seq"], &frame["data"]), (&json!(1), &Value::Null));
    let read = watched.world.admin().get("/live/messages?after=0").await.json;
    assert_eq!(read["messages"][0]["data"], large);
    assert_eq!(read["messages"][0]["id"], frame["id"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_frame_is_told_and_ends_nothing() {
    let watched = Watched::start().await;
    watched.connect("a", &watched.world.admin_key).await;
    let many: Vec<_> = (0..51).map(|n| format!("pega.{n}")).collect();
    let (many, long) = (json!({"action": "subscribe", "topics": many}), "x".repeat(4097));
    for (text, action) in [
        (None, Value::Null),
        (Some("{"), Value::Null),
        (Some(r#"{"action":"dance"}"#), json!("dance")),
        (Some(r#"{"action":"subscribe","topics":["no.such"]}"#), json!("subscribe")),
        (Some(r#"{"action":"subscribe","topics":[]}"#), json!("subscribe")),
        (Some(&*many.to_string()), json!("subscribe")),
        (Some(&*long), Value::Null),
    ] {
        let (frames, close) = watched.say_text("a", text).await;
        assert_eq!((&frames[0]["type"], &frames[0]["action"]), (&json!("error"), &action));
        assert!(!frames[0]["detail"].as_str().expect("a text").is_empty() && !close, "{text:?}");
    }
    assert_eq!(watched.subscribe("a", &["*"]).await["type"], "subscribed");
}

#[tokio::test]
async fn who_sends_too_many_frames_is_shown_out() {
    let watched = Watched::with(&[("LIVE_FRAMES_PER_MINUTE", "5")]).await;
    watched.connect("a", &watched.world.admin_key).await;
    watched.connect("b", &watched.world.admin_key).await;
    for _ in 0..5 {
        assert_eq!(watched.say("a", json!({"action": "ping"})).await.0["type"], "pong");
    }
    let (told, close) = watched.say("a", json!({"action": "ping"})).await;
    assert!(told["type"] == "error" && close, "{told}");
    assert!(!watched.say("b", json!({"action": "ping"})).await.1, "each has their own");
    watched.world.wait(60);
    assert!(!watched.say("a", json!({"action": "ping"})).await.1);
}

/// Over a database that answers one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_of_the_same_moment_are_all_kept() {
    let installation = Installation::start().await;
    let sockets = Sockets::load(installation.app.env()).expect("sockets");
    let key = with_key(&installation.target.admin_key);
    sockets.connect("a", &key).await.expect("let in");
    let topics = ["pega.*", "integration.*", "1c.*", "system.*", "contact_center.*"];
    let each = topics.map(|topic| {
        let frame = json!({"action": "subscribe", "topics": [topic]}).to_string();
        let sockets = &sockets;
        async move { sockets.hear("a", Some(&frame)).await }
    });
    futures_util::future::join_all(each).await;
    let unchanged = json!({"action": "unsubscribe", "topics": []}).to_string();
    let reply = sockets.hear("a", Some(&unchanged)).await;
    let told: Value = serde_json::from_str(&reply.frames[0]).expect("JSON");
    let mut kept: Vec<_> =
        told["topics"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    kept.sort_unstable();
    assert_eq!(kept, ["1c.*", "contact_center.*", "integration.*", "pega.*", "system.*"]);
}
