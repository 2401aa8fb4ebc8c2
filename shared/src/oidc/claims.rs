//! What a token says (RFC 7519, section 4), and whether it says it to us and now.

use std::fmt;

use serde_json::{Map, Value};

use super::refused;
use crate::error::Result;

/// How far the issuer's clock may be from ours.
const LEEWAY_MS: i64 = 60_000;

/// The claims of a token that was verified.
#[derive(Clone)]
pub struct Claims {
    subject: String,
    expires_ms: i64,
    all: Map<String, Value>,
}

impl Claims {
    /// Checks the claims of a token whose signature is verified.
    pub(super) fn check(
        all: Map<String, Value>,
        issuer: &str,
        audience: &str,
        now_ms: i64,
    ) -> Result<Self> {
        if all.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(refused("The token is of another issuer"));
        }
        if !all.get("aud").is_some_and(|aud| names(aud, audience)) {
            return Err(refused("The token is not for this audience"));
        }
        let expires_ms = all.get("exp").and_then(numeric_date);
        let expires_ms = expires_ms.ok_or_else(|| refused("The token says no time of expiry"))?;
        if now_ms >= expires_ms.saturating_add(LEEWAY_MS) {
            return Err(refused("The token has expired"));
        }
        for name in ["nbf", "iat"] {
            let Some(claim) = all.get(name) else { continue };
            if numeric_date(claim).is_none_or(|at| at > now_ms.saturating_add(LEEWAY_MS)) {
                return Err(refused("The token is not valid yet"));
            }
        }
        let subject = all.get("sub").and_then(Value::as_str).filter(|sub| !sub.is_empty());
        let subject = subject.ok_or_else(|| refused("The token names no subject"))?.to_owned();
        Ok(Self { subject, expires_ms, all })
    }

    /// Who the token is about: `sub`, never empty.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name)?.as_str()
    }

    /// A claim that is a list of words: an array of texts, or one text with spaces
    /// between. Empty if there is none.
    pub fn words(&self, name: &str) -> Vec<String> {
        match self.all.get(name) {
            Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
            Some(Value::Array(words)) => {
                words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// `exp`, in milliseconds since 1970. The token is accepted a minute longer.
    pub fn expires_ms(&self) -> i64 {
        self.expires_ms
    }
}

/// Claims are about people: none is printed.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("expires_ms", &self.expires_ms).finish_non_exhaustive()
    }
}

/// Whether `aud`, one text or several, has this one.
fn names(aud: &Value, audience: &str) -> bool {
    match aud {
        Value::String(one) => one == audience,
        Value::Array(several) => several.iter().any(|one| one.as_str() == Some(audience)),
        _ => false,
    }
}

/// Seconds since 1970, whole or not, as milliseconds.
fn numeric_date(claim: &Value) -> Option<i64> {
    Some((claim.as_f64()? * 1000.0) as i64)
}
