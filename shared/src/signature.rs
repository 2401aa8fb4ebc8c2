//! Signed webhooks, as Standard Webhooks has them: HMAC-SHA256 over id, timestamp
//! and the body's raw bytes, in the headers `webhook-id`, `webhook-timestamp` and
//! `webhook-signature`.
//! Source: the Standard Webhooks specification, sections "Signature scheme" and
//! "Verifying signatures".

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;

use crate::error::{Error, Kind, Result};
use crate::ids;

/// How far a signed timestamp may be from now, in seconds, either way.
const TOLERANCE: i64 = 300;
/// Signatures of one request that are looked at.
const MOST_SIGNATURES: usize = 16;
/// How a secret's text starts.
const PREFIX: &str = "whsec_";

/// A secret that signs, 24 to 64 bytes.
pub struct SigningSecret(SecretBox<[u8]>);

impl SigningSecret {
    /// A new one, as the text that both sides keep.
    pub fn generate() -> SecretString {
        let random = format!("{}{}", ids::unique(), ids::unique());
        format!("{PREFIX}{}", BASE64_STANDARD.encode(ids::digest(random.as_bytes()))).into()
    }

    /// Reads a secret's text, `whsec_` and base64; none if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (24..=64).contains(&bytes.len()).then(|| Self(bytes.into_boxed_slice().into()))
    }

    /// The secret that a text is: what [`SigningSecret::parse`] reads, or else the text's
    /// own bytes, for systems that were given such a secret before.
    pub fn of_any(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self::of_text(text))
    }

    /// The secret that a text's own bytes are.
    pub fn of_text(text: &str) -> Self {
        Self(text.as_bytes().to_vec().into_boxed_slice().into())
    }

    /// HMAC-SHA256 over the body alone, in hexadecimal.
    pub fn sign_body(&self, body: &[u8]) -> Result<String> {
        let mut mac = self.keyed()?;
        mac.update(body);
        Ok(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The signature of a message, `v1,` and base64.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<String> {
        let signature = self.mac(id, timestamp, body)?.finalize().into_bytes();
        Ok(format!("v1,{}", BASE64_STANDARD.encode(signature)))
    }

    fn keyed(&self) -> Result<Hmac<Sha256>> {
        Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).map_err(Error::internal)
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<Hmac<Sha256>> {
        let mut mac = self.keyed()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Ok(mac)
    }
}

/// What a request says of its signature.
#[derive(Debug)]
pub struct Signature<'a> {
    id: &'a str,
    timestamp: i64,
    /// Space separated, of which one must hold: a sender signs with two secrets while
    /// one replaces the other.
    signatures: &'a str,
}

impl<'a> Signature<'a> {
    /// Reads the three headers.
    ///
    /// # Errors
    /// `Unauthorized`, naming the header that is missing or no good.
    pub fn of(headers: &'a HeaderMap) -> Result<Self> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let id = text("webhook-id").filter(|id| !id.is_empty() && !id.contains('.'));
        let timestamp = text("webhook-timestamp").and_then(|seconds| seconds.parse().ok());
        Ok(Self {
            id: id.ok_or_else(|| bad("webhook-id"))?,
            timestamp: timestamp.ok_or_else(|| bad("webhook-timestamp"))?,
            signatures: text("webhook-signature").ok_or_else(|| bad("webhook-signature"))?,
        })
    }

    /// That one of the secrets signed this body, not long ago.
    ///
    /// # Errors
    /// `Unauthorized`, naming the header that does not hold.
    pub fn verify(&self, secrets: &[SigningSecret], body: &[u8], now_ms: i64) -> Result<()> {
        if (now_ms / 1000).saturating_sub(self.timestamp).saturating_abs() > TOLERANCE {
            return Err(bad("webhook-timestamp"));
        }
        let given = self.signatures.split(' ').filter_map(|one| one.strip_prefix("v1,"));
        let given: Vec<_> = given.take(MOST_SIGNATURES).collect();
        let given: Vec<_> =
            given.iter().filter_map(|one| BASE64_STANDARD.decode(one).ok()).collect();
        for secret in secrets {
            // Over the body once, however many signatures there are.
            let mac = secret.mac(self.id, self.timestamp, body)?;
            // In constant time.
            if given.iter().any(|signature| mac.clone().verify_slice(signature).is_ok()) {
                return Ok(());
            }
        }
        Err(bad("webhook-signature"))
    }
}

fn bad(header: &str) -> Error {
    let message = match header {
        "webhook-timestamp" => "must be in seconds since 1970 and at most 300 seconds from now",
        "webhook-signature" => "does not hold for this body",
        _ => "is required, without a full stop",
    };
    let field = format!("header {header}");
    Error::new(Kind::Unauthorized, format!("{field} {message}")).field(&field, message)
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The example of the specification.
    #[test]
    fn the_specification_s_example_holds() -> anyhow::Result<()> {
        let secret = SigningSecret::parse(SECRET).context("a secret")?;
        let body = br#"{"test": 2432232314}"#;
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature?, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        Ok(())
    }

    #[test]
    fn secrets_that_are_none_are_refused() {
        for wrong in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ="] {
            assert!(SigningSecret::parse(wrong).is_none(), "{wrong:?}");
        }
        let new = SigningSecret::generate();
        assert!(SigningSecret::parse(new.expose_secret()).is_some());
    }

    fn check(id: &str, timestamp: &str, signatures: &str, at: i64) -> anyhow::Result<bool> {
        let headers = [("webhook-id", id), ("webhook-timestamp", timestamp)];
        let headers = headers.into_iter().chain([("webhook-signature", signatures)]);
        let headers =
            headers.map(|(name, value)| Ok((http::HeaderName::from_static(name), value.parse()?)));
        let headers = headers.collect::<anyhow::Result<HeaderMap>>()?;
        let secrets = [SigningSecret::parse(SECRET).context("a secret")?];
        let signature = Signature::of(&headers);
        Ok(signature.is_ok_and(|s| s.verify(&secrets, b"body", at * 1000).is_ok()))
    }

    #[test]
    fn only_a_fresh_signature_of_these_bytes_holds() -> anyhow::Result<()> {
        let secret = SigningSecret::parse(SECRET).context("a secret")?;
        let good = secret.sign("a", 1000, b"body")?;
        let other = secret.sign("a", 1000, b"other")?;
        assert!(check("a", "1000", &good, 1000)?);
        assert!(check("a", "1000", &format!("v2,x {other} {good}"), 700)?);
        assert!(check("a", "1000", &good, 1300)?);
        for (id, timestamp, signatures, at) in [
            ("a", "1000", good.as_str(), 1301),
            ("a", "1000", &good, 699),
            ("b", "1000", &good, 1000),
            ("a", "1001", &good, 1000),
            ("a", "1000", &other, 1000),
            ("a", "1000", &good[3..], 1000),
            ("a", "1000", "v1,", 1000),
            ("a.1000", "1000", &good, 1000),
            ("", "1000", &good, 1000),
            ("a", "-9223372036854775808", &good, 1000),
            ("a", "x", &good, 1000),
        ] {
            let held = check(id, timestamp, signatures, at)?;
            assert!(!held, "{id} {timestamp} {signatures} {at}");
        }
        Ok(())
    }
}
