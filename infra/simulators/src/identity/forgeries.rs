//! Tokens that a careless verifier takes. Each starts from the claims of a token that
//! is good and is wrong in one thing.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::jws::{jws, overlaid};
use super::keys::SigningKey;
use super::{IdentityProvider, short};

/// How a token is forged.
pub type Forge = fn(&IdentityProvider, &Value) -> String;

/// All forgeries with their names.
pub const ALL: &[(&str, Forge)] = &[
    ("alg none", |at, claims| unsigned(at, claims, "none")),
    ("alg nOnE", |at, claims| unsigned(at, claims, "nOnE")),
    ("HS256 with the public key's PEM", |at, claims| hs256(at, claims, pem(at).as_bytes())),
    ("HS256 with the public key's DER", |at, claims| hs256(at, claims, &at.state.rsa().der())),
    ("HS256 with the modulus", |at, claims| hs256(at, claims, modulus(at).as_bytes())),
    ("another key under the same kid", |at, claims| by_attacker(at, claims, json!({}))),
    ("jwk in the header", |at, claims| {
        by_attacker(at, claims, json!({"jwk": at.state.attacker.jwk()}))
    }),
    ("jku in the header", |at, claims| by_attacker(at, claims, json!({"jku": attackers(at)}))),
    ("x5u in the header", |at, claims| by_attacker(at, claims, json!({"x5u": attackers(at)}))),
    ("RS256 by an EC key", |at, claims| {
        at.signed(&at.state.ec(), json!({"alg": "RS256"}), claims.clone())
    }),
    ("ES256 by an RSA key", |at, claims| at.token_with(json!({"alg": "ES256"}), claims.clone())),
    ("ES384", |at, claims| at.signed(&at.state.p384, json!({}), claims.clone())),
    ("ES256 by a P-384 key", |at, claims| {
        at.signed(&at.state.p384, json!({"alg": "ES256"}), claims.clone())
    }),
    ("RS512", |at, claims| at.token_with(json!({"alg": "RS512"}), claims.clone())),
    ("PS256", |at, claims| at.token_with(json!({"alg": "PS256"}), claims.clone())),
    ("by a short RSA key", by_short_key),
    ("by a key for encryption", |at, claims| by_other(at, claims, "other-enc")),
    ("by a key for PS256", |at, claims| by_other(at, claims, "other-ps256")),
    ("by a key for wrapping", |at, claims| by_other(at, claims, "other-wrap")),
    ("expired", |at, claims| with(at, claims, json!({"exp": at.state.now_seconds() - 61}))),
    ("without exp", |at, claims| with(at, claims, json!({"exp": null}))),
    ("exp as a text", |at, claims| with(at, claims, json!({"exp": "4102444800"}))),
    ("not valid yet", |at, claims| with(at, claims, json!({"nbf": at.state.now_seconds() + 61}))),
    ("nbf as a text", |at, claims| with(at, claims, json!({"nbf": "0"}))),
    ("issued in the future", |at, claims| {
        with(at, claims, json!({"iat": at.state.now_seconds() + 61}))
    }),
    ("another iss", |at, claims| with(at, claims, json!({"iss": "https://attacker.example"}))),
    ("iss with a slash more", |at, claims| {
        with(at, claims, json!({"iss": format!("{}/", at.issuer())}))
    }),
    ("iss among others", |at, claims| with(at, claims, json!({"iss": [at.issuer()]}))),
    ("without iss", |at, claims| with(at, claims, json!({"iss": null}))),
    ("another aud", |at, claims| with(at, claims, json!({"aud": "https://other.example"}))),
    ("other auds", |at, claims| with(at, claims, json!({"aud": ["https://other.example", 7]}))),
    ("without aud", |at, claims| with(at, claims, json!({"aud": null}))),
    ("without sub", |at, claims| with(at, claims, json!({"sub": null}))),
    ("empty sub", |at, claims| with(at, claims, json!({"sub": ""}))),
    ("crit", |at, claims| at.token_with(json!({"crit": ["exp"]}), claims.clone())),
    ("truncated signature", |at, claims| {
        let token = at.token(claims.clone());
        token[..token.len() - 4].to_owned()
    }),
    ("no signature", |at, claims| resigned(&at.token(claims.clone()), "")),
    ("another token's signature", |at, claims| {
        let another = with(at, claims, json!({"sub": "somebody else"}));
        resigned(&at.token(claims.clone()), signature(&another))
    }),
    ("ES256 signature of zeros", |at, claims| {
        jws(&header(&at.state.ec()), &good(at, claims), |_| vec![0; 64])
    }),
];

fn with(at: &IdentityProvider, claims: &Value, over: Value) -> String {
    let mut claims = claims.clone();
    for (name, value) in over.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    at.token(claims)
}

fn good(at: &IdentityProvider, claims: &Value) -> Value {
    at.state.filled(&at.issuer(), claims.clone())
}

fn header(key: &SigningKey) -> Value {
    json!({"alg": key.algorithm(), "typ": "JWT", "kid": key.kid})
}

fn unsigned(at: &IdentityProvider, claims: &Value, algorithm: &str) -> String {
    jws(&json!({"alg": algorithm, "typ": "JWT"}), &good(at, claims), |_| Vec::new())
}

fn hs256(at: &IdentityProvider, claims: &Value, secret: &[u8]) -> String {
    let header = overlaid(header(&at.state.rsa()), json!({"alg": "HS256"}));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    jws(&header, &good(at, claims), |message| hmac::sign(&key, message).as_ref().to_vec())
}

fn pem(at: &IdentityProvider) -> String {
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for (place, letter) in BASE64_STANDARD.encode(at.state.rsa().der()).chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem + "\n-----END PUBLIC KEY-----\n"
}

fn modulus(at: &IdentityProvider) -> String {
    at.state.rsa().jwk()["n"].as_str().unwrap_or_default().to_owned()
}

fn attackers(at: &IdentityProvider) -> String {
    format!("{}/attacker/jwks", at.server.url())
}

fn by_attacker(at: &IdentityProvider, claims: &Value, over: Value) -> String {
    let header = overlaid(json!({"kid": at.state.rsa().kid}), over);
    at.signed(&at.state.attacker, header, claims.clone())
}

fn by_short_key(at: &IdentityProvider, claims: &Value) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": short::KID});
    jws(&header, &good(at, claims), short::sign)
}

fn by_other(at: &IdentityProvider, claims: &Value, kid: &str) -> String {
    at.signed(&at.state.other, json!({"kid": kid}), claims.clone())
}

fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap_or_default()
}

fn resigned(token: &str, by: &str) -> String {
    let message = token.rsplit_once('.').map_or(token, |(message, _)| message);
    format!("{message}.{by}")
}
