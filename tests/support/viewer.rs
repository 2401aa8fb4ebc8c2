//! Whoever watches a ticket: the stream of its events, read as a browser reads it.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;

use super::Caller;

/// A viewer's connection, as a browser has it.
pub struct Viewer {
    response: Response,
    rest: String,
}

impl Viewer {
    /// Opens the stream behind this event, if there is one.
    pub async fn open(caller: &Caller, id: &str, after: Option<i64>) -> Self {
        let path = format!("/support/events/{id}");
        let mut request = caller.request(Method::GET, &path);
        if let Some(after) = after {
            request = request.header("last-event-id", after.to_string());
        }
        let response = caller.open(request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self { response, rest: String::new() }
    }

    /// The next event, with its number; none at the end of the stream.
    pub async fn next(&mut self) -> Option<(Option<i64>, Value)> {
        loop {
            if let Some((frame, rest)) = self.rest.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.rest = rest;
                return Some(read(&frame));
            }
            let more = self.chunk().await?;
            self.rest.push_str(&more);
        }
    }

    async fn chunk(&mut self) -> Option<String> {
        let more = tokio::time::timeout(Duration::from_secs(20), self.response.chunk());
        let more = more.await.expect("something within its time").expect("a chunk")?;
        Some(String::from_utf8(more.to_vec()).expect("text"))
    }

    /// All that follows, as it is written, until the stream ends.
    pub async fn text(mut self) -> String {
        while let Some(more) = self.chunk().await {
            self.rest.push_str(&more);
        }
        self.rest
    }

    /// All that follows, until the stream ends.
    pub async fn rest(mut self) -> Vec<(i64, Value)> {
        let mut all = Vec::new();
        while let Some((id, told)) = self.next().await {
            all.extend(id.map(|id| (id, told)));
        }
        all
    }
}

fn read(frame: &str) -> (Option<i64>, Value) {
    let (mut id, mut data) = (None, Value::Null);
    for line in frame.lines() {
        match line.split_once(": ") {
            Some(("id", text)) => id = text.parse().ok(),
            Some(("data", text)) => data = serde_json::from_str(text).expect("JSON"),
            _ => {}
        }
    }
    (id, data)
}
