//! Records as callers give them, in bulk or to have them checked: members by name, each kind
//! with the names under which it is told, and those of the older service.

mod kinds;
mod members;

pub use kinds::read;

use serde_json::Value;
use shared::error::{Error, Result};

/// The largest body of a request with records, in bytes.
pub const LARGEST: usize = 5 * 1024 * 1024;
/// The most records of a request.
const MOST: usize = 10_000;
/// The most records that an answer tells of what is wrong with them.
pub const TOLD: usize = 1000;

/// That a request has as many records as one may have.
///
/// # Errors
/// `Invalid`, naming `data`.
pub fn check(data: &[Value]) -> Result<()> {
    if (1..=MOST).contains(&data.len()) {
        return Ok(());
    }
    Err(Error::invalid("data", format!("must have 1 to {MOST} records")))
}
