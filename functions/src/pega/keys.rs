//! Where a request's idempotency key is found: in a header that says so, in the
//! CloudEvent's envelope, in the body.

use axum::http::HeaderMap;
use serde_json::{Map, Value};
use shared::error::{Error, Result};
use shared::idempotency::{IdempotencyKey, MAX_KEY};

use super::envelope::name;

/// The idempotency key, from the first place that has one.
pub(super) fn find(
    headers: &HeaderMap,
    of_envelope: Option<IdempotencyKey>,
    members: &Map<String, Value>,
) -> Result<Option<IdempotencyKey>> {
    for place in ["idempotency-key", "webhook-id"] {
        if let Some(key) = header_key(headers, place)? {
            return Ok(Some(key));
        }
    }
    if of_envelope.is_some() {
        return Ok(of_envelope);
    }
    for place in ["ce-id", "x-request-id"] {
        if let Some(key) = header_key(headers, place)? {
            return Ok(Some(key));
        }
    }
    for place in ["eventId", "messageId"] {
        if let Some(value) = name(place, members.get(place))? {
            return key_at(place, value);
        }
    }
    Ok(None)
}

fn header_key(headers: &HeaderMap, place: &'static str) -> Result<Option<IdempotencyKey>> {
    let Some(value) = headers.get(place) else { return Ok(None) };
    let text = value.to_str().map_err(|_| {
        Error::invalid(&format!("header {place}"), "must be printable ASCII characters")
    })?;
    key_at(place, text.trim().to_owned())
}

fn key_at(place: &'static str, value: String) -> Result<Option<IdempotencyKey>> {
    if value.len() > MAX_KEY {
        return Err(Error::invalid(place, format!("must be at most {MAX_KEY} bytes long")));
    }
    let sender = String::new();
    Ok((!value.is_empty()).then_some(IdempotencyKey { sender, place, value }))
}

/// A CloudEvent's source and id together are unique.
pub(super) fn of_cloud_event(source: &str, id: &str) -> Result<Option<IdempotencyKey>> {
    let both = format!("{}|{source}|{id}", source.len());
    key_at("ce-id", shared::ids::hex_digest(both.as_bytes()))
}
