//! Public keys (RFC 7517): which of an issuer's keys may verify which tokens.

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{DecodingKey, DecodingKeyKind, crypto};
use serde_json::Value;

/// The shortest RSA modulus that is trusted (RFC 7518, section 3.3).
const MIN_RSA_BITS: usize = 2048;

/// The signature algorithms that are accepted; there are no others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
}

/// The key that a token asks for.
pub(super) struct Wanted {
    pub algorithm: Algorithm,
    pub kid: Option<String>,
}

/// A key that may verify signatures of one algorithm.
#[derive(Clone)]
pub(super) struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The keys of an issuer that can be used.
#[derive(Default)]
pub(super) struct KeySet(Vec<Key>);

/// What a key set has for a token.
pub(super) enum Choice<'a> {
    /// Exactly the key it asks for.
    Fits(&'a Key),
    /// Its `kid` is another kind of key, or it names none and several would do.
    Unfit,
    /// No such key.
    Unknown,
}

impl Algorithm {
    /// The one that a JOSE header's `alg` names.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    fn of_key(key: &AlgorithmParameters) -> Option<(Self, KeyAlgorithm)> {
        match key {
            AlgorithmParameters::RSA(_) => Some((Self::Rs256, KeyAlgorithm::RS256)),
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                Some((Self::Es256, KeyAlgorithm::ES256))
            }
            _ => None,
        }
    }
}

impl Key {
    /// The key, if it is meant for signatures that are accepted and is strong enough.
    fn of(jwk: Jwk) -> Option<Self> {
        let (algorithm, name) = Algorithm::of_key(&jwk.algorithm)?;
        let given = jwk.common;
        let verifies = given.key_algorithm.is_none_or(|given| given == name)
            && given.public_key_use.is_none_or(|given| given == PublicKeyUse::Signature)
            && given.key_operations.is_none_or(|given| given.contains(&KeyOperations::Verify));
        let key = match &jwk.algorithm {
            AlgorithmParameters::RSA(key) => DecodingKey::from_rsa_components(&key.n, &key.e),
            AlgorithmParameters::EllipticCurve(key) => {
                DecodingKey::from_ec_components(&key.x, &key.y)
            }
            _ => return None,
        };
        let key = key.ok().filter(|key| verifies && is_strong(key))?;
        Some(Self { kid: given.key_id, algorithm, key })
    }

    /// Whether this key has signed that message so.
    pub fn verifies(&self, message: &str, signature: &str) -> bool {
        let algorithm = match self.algorithm {
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        };
        crypto::verify(signature, message.as_bytes(), &self.key, algorithm).unwrap_or(false)
    }
}

impl KeySet {
    /// Of a JWK set; keys that cannot be used are passed over, as RFC 7517 (section 5)
    /// asks. None if it is no JWK set.
    pub fn of(set: &Value) -> Option<Self> {
        let keys = set.get("keys")?.as_array()?;
        let keys = keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok());
        Some(Self(keys.filter_map(Key::of).collect()))
    }

    /// What is here for that token.
    pub fn choose(&self, wanted: &Wanted) -> Choice<'_> {
        let named = |key: &&Key| wanted.kid.is_none() || key.kid == wanted.kid;
        let mut fitting =
            self.0.iter().filter(named).filter(|key| key.algorithm == wanted.algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Choice::Fits(key),
            (Some(_), Some(_)) => Choice::Unfit,
            (None, _) if wanted.kid.is_some() && self.0.iter().any(|key| named(&key)) => {
                Choice::Unfit
            }
            (None, _) => Choice::Unknown,
        }
    }
}

fn is_strong(key: &DecodingKey) -> bool {
    let DecodingKeyKind::RsaModulusExponent { n, .. } = key.kind() else { return true };
    let zeros = n.iter().take_while(|byte| **byte == 0).count();
    let spare = n.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    (n.len() - zeros) * 8 >= MIN_RSA_BITS + spare
}
