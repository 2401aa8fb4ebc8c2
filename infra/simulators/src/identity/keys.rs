//! Key pairs, made anew each time; none is stored.

use std::io::{Error, Result};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    RsaKeyPair,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A key pair and its name.
pub(super) struct SigningKey {
    pub kid: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair, &'static str),
}

impl SigningKey {
    /// RSA, 2048 bits.
    pub fn rsa(kid: impl Into<String>) -> Result<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(Error::other)?;
        Ok(Self { kid: kid.into(), pair: Pair::Rsa(pair) })
    }

    /// EC on the curve P-256.
    pub fn p256(kid: impl Into<String>) -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Ok(Self { kid: kid.into(), pair: Pair::Ec(pair.map_err(Error::other)?, "P-256") })
    }

    /// EC on the curve P-384.
    pub fn p384(kid: impl Into<String>) -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING);
        Ok(Self { kid: kid.into(), pair: Pair::Ec(pair.map_err(Error::other)?, "P-384") })
    }

    /// The algorithm that it signs with unless told otherwise.
    pub fn algorithm(&self) -> &'static str {
        match &self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_, "P-384") => "ES384",
            Pair::Ec(..) => "ES256",
        }
    }

    /// Signs; an RSA key also does RS512 and PS256.
    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let padding = match algorithm {
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signed = vec![0; pair.public_modulus_len()];
                let done = pair.sign(padding, &random, message, &mut signed);
                done.map(|()| signed).unwrap_or_default()
            }
            Pair::Ec(pair, _) => {
                let signed = pair.sign(&random, message);
                signed.map(|signed| signed.as_ref().to_vec()).unwrap_or_default()
            }
        }
    }

    /// What is published of it.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let n = public.modulus().big_endian_without_leading_zero();
                let e = public.exponent().big_endian_without_leading_zero();
                json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)})
            }
            Pair::Ec(pair, curve) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
            }
        };
        jwk["use"] = "sig".into();
        jwk["alg"] = self.algorithm().into();
        jwk["kid"] = self.kid.as_str().into();
        jwk
    }

    /// An RSA public key as X.509 has it.
    pub fn der(&self) -> Vec<u8> {
        let Pair::Rsa(pair) = &self.pair else { return Vec::new() };
        pair.public_key().as_der().map(|der| der.as_ref().to_vec()).unwrap_or_default()
    }
}

/// Without padding, as JOSE has it.
pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
