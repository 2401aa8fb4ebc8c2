//! An RSA key of 1128 bits, which libraries refuse to make: its primes are Mersenne's
//! 2^521-1 and 2^607-1, so that everybody knows them.

use aws_lc_rs::digest;
use num_bigint::BigUint;
use serde_json::{Value, json};

use super::keys::base64url;

/// Its `kid`.
pub(super) const KID: &str = "short";
const EXPONENT: u32 = 65_537;
/// The DER that goes before a SHA-256 digest (RFC 8017, section 9.2).
const DIGEST_INFO: [u8; 19] = [48, 49, 48, 13, 6, 9, 96, 134, 72, 1, 101, 3, 4, 2, 1, 5, 0, 4, 32];

/// What is published of it.
pub(super) fn jwk() -> Value {
    let (p, q) = primes();
    let (n, e) = ((p * q).to_bytes_be(), BigUint::from(EXPONENT).to_bytes_be());
    json!({"kty": "RSA", "kid": KID, "use": "sig", "alg": "RS256",
        "n": base64url(n), "e": base64url(e)})
}

/// Signs, RS256.
pub(super) fn sign(message: &[u8]) -> Vec<u8> {
    let (p, q) = primes();
    let totient = (&p - 1u32) * (&q - 1u32);
    let n = p * q;
    let length = n.to_bytes_be().len();
    let digest = digest::digest(&digest::SHA256, message);
    let mut padded = vec![0xff; length];
    (padded[0], padded[1]) = (0, 1);
    let info = length - DIGEST_INFO.len() - digest.as_ref().len();
    padded[info - 1] = 0;
    padded[info..info + DIGEST_INFO.len()].copy_from_slice(&DIGEST_INFO);
    padded[info + DIGEST_INFO.len()..].copy_from_slice(digest.as_ref());
    let private = BigUint::from(EXPONENT).modinv(&totient).unwrap_or_default();
    let signed = BigUint::from_bytes_be(&padded).modpow(&private, &n).to_bytes_be();
    [vec![0; length - signed.len()], signed].concat()
}

fn primes() -> (BigUint, BigUint) {
    let mersenne = |exponent: u32| (BigUint::from(1u32) << exponent) - 1u32;
    (mersenne(521), mersenne(607))
}
