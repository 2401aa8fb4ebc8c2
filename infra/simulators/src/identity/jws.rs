//! The compact form of a signed token (RFC 7515), signed by anything.

use serde_json::{Map, Value};

use super::keys::base64url;

/// `header.claims.signature`.
pub(super) fn jws(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| base64url(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = sign(message.as_bytes());
    format!("{message}.{}", base64url(signature))
}

/// `base` with the members of `over`; those that are null are taken out.
pub(super) fn overlaid(base: Value, over: Value) -> Value {
    let mut members = object(base);
    members.extend(object(over));
    members.retain(|_, value| !value.is_null());
    Value::Object(members)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
