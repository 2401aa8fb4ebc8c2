//! The data folder: the database, the admin's key, the vault, and a lock that keeps
//! a second process out.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::whole::replace;

/// What a process holds while it works on the folder.
const LOCK: &str = "lock";
/// Where it says where it listens.
const ADDRESS: &str = "address";

/// The first admin's key.
const ADMIN_KEY: &str = "admin.key";

/// A data folder that is this process's alone.
pub struct DataFolder {
    path: PathBuf,
    lock: File,
}

impl DataFolder {
    /// Makes the folder if need be, for its owner alone, and takes it.
    pub fn take(path: &Path) -> Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("make the data folder {}", path.display()))?;
        let lock = File::create(path.join(LOCK)).context("make the data folder's lock")?;
        if lock.try_lock().is_err() {
            bail!("another caseway works on {}", path.display());
        }
        // Where the last one listened, somebody else may by now.
        match std::fs::remove_file(path.join(ADDRESS)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context("remove the last address");
            }
            _ => {}
        }
        Ok(Self { path: path.to_owned(), lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells commands where the process that works on the folder listens.
    pub fn tell_address(&self, url: &str) -> Result<()> {
        replace(&self.path.join(ADDRESS), url.as_bytes()).context("tell where we listen")
    }

    /// Where the process listens that works on the folder at this path; none when
    /// none does.
    pub fn address_in(path: &Path) -> Option<String> {
        let lock = File::open(path.join(LOCK)).ok()?;
        let taken = lock.try_lock().is_err();
        let address = std::fs::read_to_string(path.join(ADDRESS)).ok()?;
        taken.then_some(address)
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        Self::database_in(&self.path)
    }

    /// The database file of the data folder at this path.
    pub fn database_in(path: &Path) -> PathBuf {
        path.join("caseway.db")
    }

    /// The key of the first admin, if it is still there.
    pub fn admin_key(&self) -> Result<Option<String>> {
        Self::admin_key_in(&self.path)
    }

    /// The key of the first admin of the data folder at this path, if it is there.
    pub fn admin_key_in(path: &Path) -> Result<Option<String>> {
        match std::fs::read_to_string(path.join(ADMIN_KEY)) {
            Ok(key) => Ok(Some(key.trim().to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("read admin.key"),
        }
    }

    /// Keeps the key of the first admin, readable for the owner alone. The file
    /// appears whole or not at all.
    pub fn keep_admin_key(&self, key: &str) -> Result<()> {
        replace(&self.admin_key_file(), format!("{key}\n").as_bytes()).context("write admin.key")
    }

    /// Where that key is.
    pub fn admin_key_file(&self) -> PathBuf {
        self.path.join(ADMIN_KEY)
    }

    /// Whether there was no database here yet.
    pub fn is_new(&self) -> bool {
        !self.database().exists()
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        // Closing it would not do: a process that was just being made has it open too.
        let _ = self.lock.unlock();
    }
}
