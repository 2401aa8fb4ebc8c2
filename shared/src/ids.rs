//! Names that must be unique, digests that must be stable, and waits that must
//! not coincide.

use std::time::Duration;

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A new random id of 32 hexadecimal digits, for lease owners and the like.
pub fn unique() -> String {
    Uuid::new_v4().simple().to_string()
}

/// A new id that sorts by the time it was made (UUIDv7).
pub fn time_ordered() -> String {
    Uuid::now_v7().to_string()
}

/// A new id that sorts by this moment (UUIDv7; milliseconds since 1970).
pub fn time_ordered_at(ms: i64) -> String {
    let ms = u64::try_from(ms).unwrap_or_default();
    let nanos = (ms % 1000) as u32 * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, ms / 1000, nanos)).to_string()
}

/// Sorts before every id of this moment and later, and after every earlier one
/// (milliseconds since 1970).
pub fn first_of_moment(ms: i64) -> String {
    let ms = u128::try_from(ms).unwrap_or_default();
    Uuid::from_u128(ms << 80).to_string()
}

/// The same id for the same name, always (UUIDv5): what makes a retried write or
/// effect recognisable as the same one.
pub fn derived(name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string()
}

/// SHA-256.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 as 64 hexadecimal digits.
pub fn hex_digest(bytes: &[u8]) -> String {
    digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A random part of this duration, so that those who wait do not all come back at once.
pub fn jitter(most: Duration) -> Duration {
    most.mul_f64(fastrand::f64())
}
