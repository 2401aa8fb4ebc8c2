//! `cargo bench -p tests --bench stream`: how long an event of a ticket takes to whoever watches
//! it, from the moment of the transition, on this machine and disk; with one viewer and with
//! twenty.

use serde_json::{Value, json};
use shared::clock::Clock;
use tests::support::{Caller, Installation, Viewer};
use tokio::task::JoinSet;

/// How many events each viewer is told.
const EVENTS: usize = 200;
/// How many watch.
const VIEWERS: [usize; 2] = [1, 20];

#[tokio::main]
async fn main() {
    let installation = Installation::start_with(&[("RATE_LIMIT_PER_MINUTE", "100000000")]).await;
    println!("{:>8} {:>8} {:>8} {:>8}", "viewers", "events", "p50 ms", "p95 ms");
    for viewers in VIEWERS {
        measure(&installation.target.admin(), viewers).await;
    }
    installation.app.stop().await;
}

/// Comments on a ticket that so many watch, and prints how long that takes to them.
async fn measure(admin: &Caller, viewers: usize) {
    let new = json!({ "employee_id": "EMP1", "request_type": "access", "title": "Watched",
        "description": "Watched" });
    let made = admin.post_json("/support/request", &new).await;
    let id = made.json["ticket_id"].as_str().expect("an id").to_owned();
    let path = format!("/support/tickets/{id}");
    admin.get_when(&path, |ticket| ticket["status"] == "waiting_for_approval").await;
    let mut watching = JoinSet::new();
    for _ in 0..viewers {
        let (caller, id) = (admin.clone(), id.clone());
        watching.spawn(async move { watch(&caller, &id).await });
    }
    let comment = json!({ "comment": "Any news?" });
    for _ in 0..EVENTS {
        let said = admin.post_json(&format!("{path}/comments"), &comment).await;
        assert_eq!(said.status, 200, "{}", said.text);
    }
    let mut took: Vec<f64> = watching.join_all().await.into_iter().flatten().collect();
    took.sort_by(f64::total_cmp);
    let (half, most) = (took[took.len() / 2], took[took.len() * 95 / 100]);
    println!("{viewers:>8} {:>8} {half:>8.1} {most:>8.1}", took.len());
}

/// How long each comment took to this viewer, in milliseconds.
async fn watch(caller: &Caller, id: &str) -> Vec<f64> {
    let (mut viewer, mut took) = (Viewer::open(caller, id, Some(3)).await, Vec::new());
    while took.len() < EVENTS {
        let (_, told) = viewer.next().await.expect("an event");
        if told["type"] == "comment" {
            took.push(age(&told));
        }
    }
    took
}

/// How old an event is, in milliseconds.
fn age(told: &Value) -> f64 {
    let at: jiff::Timestamp = told["timestamp"].as_str().expect("a moment").parse().expect("one");
    (Clock::system().now_ms() - at.as_millisecond()) as f64
}
