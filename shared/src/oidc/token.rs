//! A token's compact form (RFC 7515, section 7.1), before anything in it is believed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::jwk::{Algorithm, Wanted};
use super::refused;
use crate::error::Result;

/// The longest token that is read; a longer one is refused unread.
const MAX_TOKEN: usize = 8 * 1024;

/// A token in three parts.
pub(super) struct Token<'a> {
    header: Map<String, Value>,
    payload: &'a str,
    message: &'a str,
    signature: &'a str,
}

/// A token's signature, and which key is said to have made it.
pub(super) struct Signature<'a> {
    pub wanted: Wanted,
    /// What was signed.
    pub message: &'a str,
    /// As it stands in the token, base64url.
    pub value: &'a str,
}

impl<'a> Token<'a> {
    /// Takes the token apart; None if it is no JWT.
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        Some(Self { header: object(header)?, payload, message, signature })
    }

    /// The signature, if it is of a kind that is accepted.
    pub fn signature(&self) -> Result<Signature<'a>> {
        if self.header.contains_key("crit") {
            return Err(refused("The token demands an extension that is not supported"));
        }
        let algorithm = self.header.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
        let algorithm = algorithm.ok_or_else(|| refused("The token must be RS256 or ES256"))?;
        let kid = match self.header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(refused("The token's kid is no text")),
        };
        let wanted = Wanted { algorithm, kid };
        Ok(Signature { wanted, message: self.message, value: self.signature })
    }

    /// What it says, true or not.
    pub fn claims(&self) -> Result<Map<String, Value>> {
        object(self.payload).ok_or_else(|| refused("The token's claims cannot be read"))
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
