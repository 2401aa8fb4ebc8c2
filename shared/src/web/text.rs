//! How long texts may be.

use crate::error::{Error, Result};

/// That a text is not longer than this.
///
/// # Errors
/// `Invalid`, naming `field`, when it is longer.
pub fn at_most(bytes: usize, field: &str, text: &str) -> Result<()> {
    if text.len() <= bytes {
        return Ok(());
    }
    Err(Error::invalid(field, format!("must be at most {bytes} bytes long")))
}
