//! What an identity provider knows.

use std::collections::BTreeMap;
use std::io::Result;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::jws::{jws, overlaid};
use super::keys::SigningKey;
use super::short;

/// How long its tokens are valid.
pub(super) const LIFETIME_SECONDS: i64 = 300;

/// Tells milliseconds since 1970.
type Now = Box<dyn Fn() -> i64 + Send + Sync>;

/// Everything.
pub(super) struct State {
    now: Now,
    known: Mutex<Known>,
    /// A key for everything but RS256 and ES256.
    pub other: SigningKey,
    /// A key for ES384.
    pub p384: SigningKey,
    /// A key of somebody else's.
    pub attacker: SigningKey,
}

/// What changes.
struct Known {
    /// The newest last.
    rsa: Vec<Arc<SigningKey>>,
    ec: Vec<Arc<SigningKey>>,
    made: usize,
    calls: BTreeMap<String, usize>,
}

impl State {
    pub fn new(now: Now) -> Result<Self> {
        let known = Known { rsa: Vec::new(), ec: Vec::new(), made: 0, calls: BTreeMap::new() };
        let state = Self {
            now,
            known: Mutex::new(known),
            other: SigningKey::rsa("other")?,
            p384: SigningKey::p384("p384")?,
            attacker: SigningKey::rsa("attacker")?,
        };
        state.rotate()?;
        Ok(state)
    }

    pub fn rotate(&self) -> Result<()> {
        let mut known = self.locked();
        known.made += 1;
        let made = known.made;
        known.rsa.push(Arc::new(SigningKey::rsa(format!("rsa-{made}"))?));
        known.ec.push(Arc::new(SigningKey::p256(format!("ec-{made}"))?));
        Ok(())
    }

    pub fn retire(&self) {
        let mut known = self.locked();
        let known = &mut *known;
        for keys in [&mut known.rsa, &mut known.ec] {
            keys.drain(..keys.len() - 1);
        }
    }

    /// The RSA key that it signs with.
    pub fn rsa(&self) -> Arc<SigningKey> {
        let known = self.locked();
        known.rsa[known.rsa.len() - 1].clone()
    }

    /// The EC key that it signs with.
    pub fn ec(&self) -> Arc<SigningKey> {
        let known = self.locked();
        known.ec[known.ec.len() - 1].clone()
    }

    /// All keys that it publishes, with those that nobody should verify a token by.
    pub fn published(&self) -> Vec<Value> {
        let known = self.locked();
        let mut keys: Vec<Value> = known.rsa.iter().chain(&known.ec).map(|key| key.jwk()).collect();
        let other = |over| overlaid(self.other.jwk(), over);
        keys.extend([
            self.p384.jwk(),
            short::jwk(),
            other(json!({"kid": "other-enc", "use": "enc", "alg": null})),
            other(json!({"kid": "other-ps256", "alg": "PS256"})),
            other(json!({"kid": "other-wrap", "use": null, "alg": null, "key_ops": ["wrapKey"]})),
            json!({"kty": "OKP", "crv": "X25519", "kid": "okp", "x": "AA"}),
            json!({"kty": "RSA", "kid": "without a modulus"}),
        ]);
        keys
    }

    pub fn signed(&self, issuer: &str, key: &SigningKey, header: Value, claims: Value) -> String {
        let header =
            overlaid(json!({"alg": key.algorithm(), "typ": "JWT", "kid": key.kid}), header);
        let claims = self.filled(issuer, claims);
        let algorithm = header["alg"].as_str().unwrap_or_default();
        jws(&header, &claims, |message| key.sign(algorithm, message))
    }

    /// Those claims with what every token has.
    pub fn filled(&self, issuer: &str, claims: Value) -> Value {
        let now = (self.now)() / 1000;
        overlaid(json!({"iss": issuer, "iat": now, "exp": now + LIFETIME_SECONDS}), claims)
    }

    /// Seconds since 1970.
    pub fn now_seconds(&self) -> i64 {
        (self.now)() / 1000
    }

    pub fn count(&self, path: &str) {
        *self.locked().calls.entry(path.to_owned()).or_default() += 1;
    }

    /// How many calls there were of the paths that begin so.
    pub fn calls_of(&self, path: &str) -> usize {
        let known = self.locked();
        known.calls.iter().filter(|(called, _)| called.starts_with(path)).map(|(_, n)| n).sum()
    }

    fn locked(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
