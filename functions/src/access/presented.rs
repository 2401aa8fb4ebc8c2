//! What a request presents of itself: an API key or a token anywhere, the
//! credentials of senders where they are known.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use shared::error::{Error, Kind, Result};
use shared::table::Key;
use shared::vault::{ExposeSecret, SecretString};

use super::ApiKey;
use super::credential::{basic_place, header_place, signer_place};

/// A credential as presented.
pub(super) enum Presented {
    /// An API key.
    Key(ApiKey),
    /// A token of an identity provider.
    Token(SecretString),
    /// A sender's secret, by the place where only its holder finds it.
    Secret(Key),
    /// A signature, by the place of whoever is said to have signed.
    Signature(Key),
}

impl Presented {
    /// What this request presents; none when it presents nothing.
    ///
    /// # Errors
    /// `Unauthorized` when it is nothing that could be right.
    pub fn of(parts: &Parts, senders: bool) -> Result<Option<Self>> {
        let headers = &parts.headers;
        let authorization = text(headers, header::AUTHORIZATION.as_str());
        let (scheme, rest) = authorization.and_then(|a| a.split_once(' ')).unwrap_or_default();
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return if rest.starts_with("pd_") { key(rest) } else { token(rest) }.map(Some);
        }
        if let Some(given) = text(headers, "x-api-key") {
            return key(given.trim()).map(Some);
        }
        if senders && scheme.eq_ignore_ascii_case("basic") {
            let (username, password) = decode_basic(rest).ok_or_else(nobody)?;
            return Ok(Some(Self::Secret(basic_place(&username, password.expose_secret()))));
        }
        if let Some(value) = text(headers, "x-sender-key").filter(|_| senders) {
            return Ok(Some(Self::Secret(header_place(value.trim()))));
        }
        if senders && headers.contains_key("webhook-signature") {
            let source = text(headers, "x-caseway-source").or_else(|| source_in(parts.uri.query()));
            let source = source.ok_or_else(unnamed)?;
            return Ok(Some(Self::Signature(signer_place(source))));
        }
        Ok(None)
    }

    /// Whether trying many can find one that is right.
    pub fn is_guessable(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

/// The refusal of whatever is wrong with a credential.
pub(super) fn nobody() -> Error {
    Error::new(Kind::Unauthorized, "These credentials are not valid")
}

/// The refusal of an API key.
pub(super) fn no_key() -> Error {
    Error::new(Kind::Unauthorized, "Invalid or expired API key")
}

fn unnamed() -> Error {
    let message = "or the query parameter source must name the source that signed";
    let detail = format!("header X-Caseway-Source {message}");
    Error::new(Kind::Unauthorized, detail).field("header X-Caseway-Source", message)
}

fn key(text: &str) -> Result<Presented> {
    ApiKey::parse(text).map(Presented::Key).ok_or_else(no_key)
}

fn token(text: &str) -> Result<Presented> {
    if text.is_empty() { Err(nobody()) } else { Ok(Presented::Token(text.to_owned().into())) }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn source_in(query: Option<&str>) -> Option<&str> {
    query?.split('&').find_map(|pair| pair.strip_prefix("source="))
}

/// Name and password of an `Authorization: Basic` header's value.
fn decode_basic(encoded: &str) -> Option<(String, SecretString)> {
    let decoded = BASE64_STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (username, password) = text.split_once(':')?;
    Some((username.to_owned(), password.to_owned().into()))
}
