//! Files that appear whole or not at all, readable for their owner alone.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Puts new content in a file's place. When it returns, the content is on the disk;
/// if it is cut short or fails, the file holds the old content or the new.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = unfinished(path);
    // What a start that broke off left there, with whatever mode.
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut new = options.write(true).create_new(true).mode(0o600).open(&unfinished)?;
    new.write_all(content)?;
    new.sync_all()?;
    std::fs::rename(unfinished, path)?;
    let folder = path.parent().ok_or_else(|| Error::other("a file is in a folder"))?;
    File::open(folder)?.sync_all()
}

/// Where the content stands until it is whole.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".new");
    PathBuf::from(name)
}
