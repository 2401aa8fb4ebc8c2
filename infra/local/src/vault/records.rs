//! What `vault.json` says.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use shared::error::Error;
use shared::vault::{Sealed, SecretName};

use super::Done;

/// The form of the file that this release writes and reads.
const FORM: u8 = 1;

/// Sealed credentials by name.
pub(super) type Records = BTreeMap<SecretName, Sealed>;

/// The file as read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    v: u8,
    records: Records,
}

/// The file as written.
#[derive(Serialize)]
struct Written<'a> {
    v: u8,
    records: &'a Records,
}

/// What the file holds, if it is there.
pub(super) fn read(file: &Path) -> Result<Option<Records>> {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("read {}", file.display())),
    };
    let found: Found = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what was written", file.display()))?;
    if found.v != FORM {
        bail!("{} is of form {}, and this release reads {FORM}", file.display(), found.v);
    }
    Ok(Some(found.records))
}

/// The file that holds these records.
pub(super) fn to_text(records: &Records) -> Done<Vec<u8>> {
    serde_json::to_vec_pretty(&Written { v: FORM, records }).map_err(Error::internal)
}
