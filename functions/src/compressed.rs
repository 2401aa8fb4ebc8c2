//! Bytes that are kept compressed.

use shared::error::{Error, Result};

/// Compresses bytes; what comes of it says how long they are.
pub fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    zstd::bulk::compress(bytes, 3).map_err(Error::internal)
}

/// Unpacks into just as much memory as is needed.
///
/// # Errors
/// `Internal` for what claims to be longer than `most` bytes, or was never compressed.
pub fn decompress(compressed: &[u8], most: usize) -> Result<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(compressed).ok().flatten();
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= most);
    let size = size.ok_or_else(|| Error::bug("what is compressed does not say its size"))?;
    zstd::bulk::decompress(compressed, size).map_err(Error::internal)
}
