//! Payloads of events and requests: JSON objects kept byte for byte; on the row when
//! short, there compressed if that makes them short, and else compressed in items beside it.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::{Item, Key, Read, Table, Write};

use crate::compressed::{compress, decompress};

/// The longest payload that stands on the row itself: with it the row stays within
/// one kilobyte, the unit that writes are paid in.
const INLINE: usize = 400;
/// The longest part; DynamoDB's items end at 400 KB.
const PART: usize = 350 * 1024;
/// What claims to unpack to more than this is broken.
const MAX_UNPACKED: usize = 2 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Part {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

/// A payload made ready to be stored.
pub(super) struct Packed {
    /// What goes on the row.
    pub inline: Option<Vec<u8>>,
    parts: Vec<Vec<u8>>,
}

/// Makes a payload ready.
pub(super) fn pack(payload: &[u8]) -> Result<Packed> {
    if payload.len() <= INLINE {
        return Ok(Packed { inline: Some(payload.to_vec()), parts: Vec::new() });
    }
    let packed = compress(payload)?;
    if packed.len() <= INLINE {
        return Ok(Packed { inline: Some(packed), parts: Vec::new() });
    }
    Ok(Packed { inline: None, parts: packed.chunks(PART).map(<[u8]>::to_vec).collect() })
}

impl Packed {
    /// How many items stand beside the row; none when the row holds it all.
    pub fn parts(&self) -> Option<usize> {
        self.inline.is_none().then_some(self.parts.len())
    }

    /// The writes of those items.
    pub fn writes(&self, table: &Table, pk: &str) -> Result<Vec<Write>> {
        let numbered = self.parts.iter().enumerate();
        let write = |(number, bytes): (usize, &Vec<u8>)| {
            let part = Part { pk: pk.to_owned(), sk: part_key(number), bytes: bytes.clone() };
            Ok(table.put(Item::of(&part)?, None))
        };
        numbered.map(write).collect()
    }
}

/// The payload of the row in this partition: what it holds itself, or else what stands in
/// so many parts beside it.
pub(super) async fn unpack(
    table: &Table,
    pk: &str,
    inline: Option<&Vec<u8>>,
    parts: Option<usize>,
) -> Result<String> {
    let packed = match inline {
        Some(packed) => packed.clone(),
        None => gather(table, pk, parts.unwrap_or(0)).await?,
    };
    // A payload is a JSON object and starts like one; what is compressed does not.
    let bytes = if packed.starts_with(b"{") { packed } else { decompress(&packed, MAX_UNPACKED)? };
    String::from_utf8(bytes).map_err(Error::internal)
}

async fn gather(table: &Table, pk: &str, parts: usize) -> Result<Vec<u8>> {
    let keys: Vec<_> =
        (0..parts).map(|number| Key { pk: pk.to_owned(), sk: part_key(number) }).collect();
    let mut found: Vec<Part> = table.get_many(&keys, Read::Consistent).await?;
    found.sort_by(|a, b| a.sk.cmp(&b.sk));
    if found.len() != parts {
        return Err(Error::bug("a part of a payload is missing"));
    }
    Ok(found.into_iter().flat_map(|part| part.bytes).collect())
}

/// Sort keys in the order of the parts; there are never more than ten.
fn part_key(number: usize) -> String {
    format!("BODY#{number:02}")
}
