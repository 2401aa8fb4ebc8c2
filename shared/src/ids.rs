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

/// A new id that sorts by this moment (UUIDv7; milliseconds since 1970), and within it
/// by a number, as far as its last twelve bits go.
pub fn time_ordered_at(ms: i64, number: i64) -> String {
    let moment = u128::try_from(ms).unwrap_or_default() << 80;
    let number = u128::from(number.unsigned_abs() & 0xfff) << 64;
    let random = Uuid::new_v4().as_u128() & (u128::MAX >> 64 >> 2);
    Uuid::from_u128(moment | (7 << 76) | number | (0b10 << 62) | random).to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_moment_sort_by_it_and_by_their_number() {
        let ids = [time_ordered_at(5, 9), time_ordered_at(5, 10), time_ordered_at(6, 1)];
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(
            first_of_moment(5) < ids[0]
                && ids[1] < first_of_moment(6)
                && first_of_moment(6) < ids[2]
        );
        assert_eq!(Uuid::try_parse(&ids[0]).map(|id| id.get_version_num()), Ok(7));
        assert_ne!(time_ordered_at(5, 9), ids[0]);
    }
}
