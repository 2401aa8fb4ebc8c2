//! Where a page ended: behind which item of whom.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};

/// The end of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Of whom its last item was, or who comes next.
    pub who: String,
    /// How many of theirs that begin with it were told, in this period.
    pub told: usize,
    /// When the last one begins; none when nothing of theirs was told.
    pub at: Option<i64>,
}

impl Cursor {
    /// Reads one.
    ///
    /// # Errors
    /// `Invalid`, naming `cursor`.
    pub fn read(text: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let cursor = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        cursor.ok_or_else(|| Error::invalid("cursor", "is none that was told"))
    }

    /// As it is told.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}
