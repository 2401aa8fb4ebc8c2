//! The protocol: JSON objects in text frames, both ways.
//!
//! What a client sends names an `action`:
//! - `{"action":"subscribe","topics":["pega.*"],"after":17}` watches these patterns beside
//!   those before. With `after`, messages behind that number that it may have missed come
//!   first.
//! - `{"action":"unsubscribe","topics":["pega.*"]}` takes patterns away.
//! - `{"action":"ping"}` asks for the tenant's last number, and keeps the socket open.
//!
//! What it is sent names a `type`:
//! - `{"type":"subscribed","topics":[…],"seq":17}`: all that is watched now, and the number
//!   up to which nothing is to come any more.
//! - `{"type":"event","seq":18,"id":…,"event_type":…,"timestamp":…,"data":{…}}`; a message
//!   that is larger than a frame has `"truncated":true` and no data.
//! - `{"type":"pong","seq":18}`: the tenant's last number.
//! - `{"type":"error","detail":…,"action":…}`: what is wrong with a frame.
//!
//! Numbers go up, and some are never used or are for others. An event can come twice, and
//! after one with a greater number. Whoever sees a number jump, or a `pong` beyond the last
//! event, reads what there is by `GET /live/messages?after=<number>`.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::clock::timestamp;
use shared::error::{Error, Result};
use utoipa::ToSchema;

use crate::messages::Message;

/// The largest frame that a client may send, in bytes.
pub(super) const LARGEST_ASKED: usize = 4 * 1024;
/// The largest frame that a client is sent, in bytes.
const LARGEST_TOLD: usize = 32 * 1024;

/// What a client asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    Subscribe { topics: Vec<String>, after: Option<i64> },
    Unsubscribe { topics: Vec<String> },
    Ping,
}

/// What a client is told.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Told<'a> {
    Subscribed { topics: &'a [String], seq: i64 },
    Event(MessageView),
    Pong { seq: i64 },
    Error { detail: &'a str, action: Option<&'a str> },
}

/// A message as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MessageView {
    /// Its number.
    seq: i64,
    /// What receivers know it by.
    id: String,
    /// Its type, for example `integration.connection.created`.
    event_type: String,
    /// When it was emitted, RFC 3339, UTC.
    timestamp: String,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    data: Option<Json>,
    /// Whether it is too large for a frame, so that its data must be read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// All that any frame of a client may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    #[serde(rename = "action")]
    _action: String,
    topics: Option<Vec<String>>,
    after: Option<i64>,
}

impl MessageView {
    /// The whole message.
    pub fn of(message: &Message) -> Result<Self> {
        Ok(Self {
            seq: message.seq,
            id: message.id.clone(),
            event_type: message.event_type.clone(),
            timestamp: timestamp(message.at).to_string(),
            data: Some(message.data()?),
            truncated: false,
        })
    }
}

impl Told<'_> {
    /// A message as a frame, without its data if it would be too large with it.
    pub fn event(message: &Message) -> Result<String> {
        let whole = MessageView::of(message)?;
        let short = MessageView { data: None, truncated: true, ..whole.clone() };
        let frame = Told::Event(whole).frame();
        Ok(if frame.len() > LARGEST_TOLD { Told::Event(short).frame() } else { frame })
    }

    /// As a frame's text.
    pub fn frame(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The action that a frame names, whatever is wrong with the rest of it.
pub(super) fn action(text: &str) -> Option<String> {
    let frame: Json = serde_json::from_str(text).ok()?;
    let action = frame.get("action")?.as_str()?;
    Some(action.chars().take(32).collect())
}

/// Reads a client's frame; none is a binary one.
///
/// # Errors
/// `Malformed`, `TooLarge` and `Invalid`, in words for the client.
pub(super) fn read(text: Option<&str>) -> Result<Asked> {
    let text = text.ok_or_else(|| Error::malformed("Frames must be text"))?;
    if text.len() > LARGEST_ASKED {
        let detail = format!("A frame must have {LARGEST_ASKED} bytes at most");
        return Err(Error::new(shared::error::Kind::TooLarge, detail));
    }
    let frame: Json =
        serde_json::from_str(text).map_err(|_| Error::malformed("The frame is not JSON"))?;
    let action = frame.get("action").and_then(Json::as_str).map(str::to_owned);
    let action = action.ok_or_else(|| Error::invalid("action", "is required"))?;
    if !["subscribe", "unsubscribe", "ping"].contains(&&*action) {
        return Err(Error::invalid("action", "must be subscribe, unsubscribe or ping"));
    }
    let members: Members = serde_json::from_value(frame)
        .map_err(|error| Error::malformed(format!("The frame is not as it must be: {error}")))?;
    let topics = members.topics.ok_or_else(|| Error::invalid("topics", "is required"));
    match (action.as_str(), members.after) {
        ("subscribe", after) => Ok(Asked::Subscribe { topics: topics?, after }),
        (_, Some(_)) => Err(Error::invalid("after", "is not known here")),
        ("unsubscribe", _) => Ok(Asked::Unsubscribe { topics: topics? }),
        _ if topics.is_ok() => Err(Error::invalid("topics", "is not known here")),
        _ => Ok(Asked::Ping),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_or_said_what_is_wrong_with_it() -> anyhow::Result<()> {
        let topics = vec!["*".to_owned()];
        let subscribe = read(Some(r#"{"action":"subscribe","topics":["*"],"after":7}"#))?;
        assert_eq!(subscribe, Asked::Subscribe { topics: topics.clone(), after: Some(7) });
        let unsubscribe = read(Some(r#"{"action":"unsubscribe","topics":["*"]}"#))?;
        assert_eq!(unsubscribe, Asked::Unsubscribe { topics });
        assert_eq!(read(Some(r#"{"action":"ping"}"#))?, Asked::Ping);
        let large = format!(r#"{{"action":"ping","x":"{}"}}"#, "x".repeat(LARGEST_ASKED));
        for (text, said) in [
            (None, "text"),
            (Some("{"), "not JSON"),
            (Some("[]"), "action is required"),
            (Some(r#"{"action":5}"#), "action is required"),
            (Some(r#"{"action":"dance"}"#), "action must be"),
            (Some(r#"{"action":"subscribe"}"#), "topics is required"),
            (Some(r#"{"action":"subscribe","topics":[5]}"#), "expected a string"),
            (Some(r#"{"action":"subscribe","topics":["*"],"afer":1}"#), "unknown field `afer`"),
            (Some(r#"{"action":"ping","topics":[]}"#), "topics is not known here"),
            (Some(&large), "4096 bytes"),
        ] {
            let detail = read(text).err().map(|error| error.detail).unwrap_or_default();
            assert!(detail.contains(said), "{text:?}: {detail}");
        }
        Ok(())
    }
}
