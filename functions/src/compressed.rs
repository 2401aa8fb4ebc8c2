//! Bytes that are kept compressed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::error::{Error, Result};

/// What claims to unpack to more than this was not packed here, in bytes.
const MAX_UNPACKED: usize = 16 * 1024 * 1024;

/// As JSON, compressed.
pub fn pack(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    compress(&serde_json::to_vec(value).map_err(Error::internal)?)
}

/// What was packed.
///
/// # Errors
/// `Internal` for anything else.
pub fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<T> {
    serde_json::from_slice(&decompress(packed, MAX_UNPACKED)?).map_err(Error::internal)
}

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
