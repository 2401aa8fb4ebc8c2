//! Frames of server-sent events. Pure.
//! Source of the form: the HTML standard, "Server-sent events"; of the types: the IT support
//! service.

use bytes::Bytes;
use serde_json::{Value as Json, json};
use shared::web::to_the_millisecond;

/// How soon a browser comes back, in milliseconds.
const RETRY_MS: u32 = 1000;

/// What is told first.
pub fn connected(ticket_id: &str) -> Bytes {
    let told = json!({ "type": "connected", "ticket_id": ticket_id });
    Bytes::from(format!("retry: {RETRY_MS}\ndata: {told}\n\n"))
}

/// An event of this number.
pub fn event(seq: i64, told: &Json) -> String {
    // JSON has no line breaks of its own, so one line holds it.
    format!("id: {seq}\ndata: {told}\n\n")
}

/// That nothing happened, and the connection is whole.
pub fn keepalive(now: i64) -> Bytes {
    let told = json!({ "type": "keepalive", "timestamp": to_the_millisecond(now) });
    Bytes::from(format!("data: {told}\n\n"))
}
