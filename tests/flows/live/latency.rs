//! How long a message takes from its commit to who watches it; told, not held to.

use std::time::{Duration, Instant};

use functions::messages::catalogue::CONNECTION_CREATED;
use serde_json::json;
use tests::support::{Emitting, Installation};

use super::sockets::open;

#[tokio::test(flavor = "multi_thread")]
async fn the_time_from_commit_to_client_is_told() {
    let installation = Installation::start().await;
    let emitting = Emitting::within(installation.app.env());
    let mut socket = open(&installation.admin()).await;
    socket.subscribe(&["*"]).await;
    let mut waits = Vec::new();
    for seq in 1..=200 {
        emitting.emit("default", CONNECTION_CREATED, &json!({ "seq": seq })).await;
        let committed = Instant::now();
        assert_eq!(socket.hear().await["seq"], seq);
        waits.push(committed.elapsed());
    }
    waits.sort_unstable();
    let ms = |wait: Duration| wait.as_secs_f64() * 1000.0;
    println!("from commit to client: p50 {:.2} ms, p99 {:.2} ms", ms(waits[100]), ms(waits[198]));
}
