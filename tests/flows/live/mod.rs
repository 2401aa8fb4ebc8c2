//! Live events: who may watch what, and what they are sent.

mod history;
mod latency;
pub mod sockets;
mod standing;
mod tickets;
mod watching;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::Request;
use axum::http::request::Parts;
use bytes::Bytes;
use functions::live::{Fanout, Sockets};
use functions::messages::catalogue::EventType;
use serde_json::{Value, json};
use shared::boxed::Boxed;
use shared::env::Env;
use shared::error::Result;
use shared::push::{Push, Pushed};
use shared::queue::{Hint, Queue};
use tests::support::{Emitting, World};

/// What was sent to sockets that nobody has, and what comes of it.
#[derive(Default)]
struct Pushes {
    sent: Mutex<Vec<(String, Value)>>,
    closed: Mutex<Vec<String>>,
    gone: Mutex<Vec<String>>,
}

impl Push for Pushes {
    fn send<'a>(&'a self, connection: &'a str, frame: Bytes) -> Boxed<'a, Result<Pushed>> {
        if self.gone.lock().unwrap().iter().any(|gone| gone == connection) {
            return Box::pin(async { Ok(Pushed::Gone) });
        }
        let frame = serde_json::from_slice(&frame).expect("JSON");
        self.sent.lock().unwrap().push((connection.to_owned(), frame));
        Box::pin(async { Ok(Pushed::Sent) })
    }

    fn close<'a>(&'a self, connection: &'a str) -> Boxed<'a, Result<()>> {
        self.closed.lock().unwrap().push(connection.to_owned());
        Box::pin(async { Ok(()) })
    }
}

/// A queue that keeps its hints.
#[derive(Default)]
struct Kept(Mutex<Vec<Hint>>);

impl Queue for Kept {
    fn send(&self, hints: Vec<Hint>, _: Duration) -> Boxed<'_, Result<()>> {
        self.0.lock().unwrap().extend(hints);
        Box::pin(async { Ok(()) })
    }
}

/// A world with sockets, in which a message is fanned out when the test says so.
struct Watched {
    world: World,
    env: Env,
    sockets: Sockets,
    fanout: Fanout,
    emitting: Emitting,
    pushes: Arc<Pushes>,
    hints: Arc<Kept>,
}

impl Watched {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(vars: &[(&str, &str)]) -> Self {
        let world = World::with(vars).await;
        let (pushes, hints) = (Arc::<Pushes>::default(), Arc::<Kept>::default());
        let env = world.env.clone().with_push(pushes.clone());
        let env = env.with_queue("LIVE_QUEUE_URL", hints.clone());
        let sockets = Sockets::load(&env).expect("sockets");
        let fanout = Fanout::load(&env).expect("a fan-out");
        let emitting = Emitting::within(&env);
        Self { world, env, sockets, fanout, emitting, pushes, hints }
    }

    /// Opens a socket with this key.
    async fn connect(&self, id: &str, key: &str) {
        self.sockets.connect(id, &with_key(key)).await.expect("let in");
    }

    /// The last frame that a frame is answered with, and whether it is the socket's end.
    async fn say(&self, id: &str, frame: Value) -> (Value, bool) {
        let (mut frames, close) = self.say_text(id, Some(&frame.to_string())).await;
        (frames.pop().expect("a frame"), close)
    }

    /// All frames that text is answered with.
    async fn say_text(&self, id: &str, text: Option<&str>) -> (Vec<Value>, bool) {
        let reply = self.sockets.hear(id, text).await;
        let frames = reply.frames.iter().map(|frame| serde_json::from_str(frame).expect("JSON"));
        (frames.collect(), reply.close)
    }

    async fn subscribe(&self, id: &str, topics: &[&str]) -> Value {
        self.say(id, json!({"action": "subscribe", "topics": topics})).await.0
    }

    /// Emits to the tenant `default` and fans out; the numbers that each socket is told.
    async fn emit(&self, of: EventType) -> Vec<(String, i64)> {
        self.emitting.emit("default", of, &json!({"of": of.0})).await;
        self.fan_out().await
    }

    async fn fan_out(&self) -> Vec<(String, i64)> {
        let hints = std::mem::take(&mut *self.hints.0.lock().unwrap());
        for hint in hints {
            self.fanout.deliver(hint).await.expect("fanned out");
        }
        let sent = std::mem::take(&mut *self.pushes.sent.lock().unwrap());
        let mut told: Vec<_> = sent
            .into_iter()
            .map(|(id, frame)| (id, frame["seq"].as_i64().expect("a number")))
            .collect();
        told.sort();
        told
    }

    /// A key with these permissions.
    async fn key(&self, permissions: &[&str]) -> (i64, String) {
        let made = self.world.key(json!({"name": "w", "permissions": permissions})).await;
        let key = made["key"].as_str().expect("a key").to_owned();
        (made["id"].as_i64().expect("a number"), key)
    }
}

/// The request that opens a socket with this query and these headers.
fn request(query: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri(format!("/live?{query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

fn with_key(key: &str) -> Parts {
    request("", &[("authorization", &format!("Bearer {key}"))])
}
