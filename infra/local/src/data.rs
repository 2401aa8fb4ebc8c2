//! The data folder: the database, the admin's key, and a lock that keeps a second
//! process out.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A data folder that is this process's alone.
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if need be, for its owner alone, and takes it.
    pub fn take(path: &Path) -> Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("make the data folder {}", path.display()))?;
        let lock = File::create(path.join("lock")).context("make the data folder's lock")?;
        if lock.try_lock().is_err() {
            bail!("another caseway works on {}", path.display());
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
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
        match std::fs::read_to_string(self.admin_key_file()) {
            Ok(key) => Ok(Some(key.trim().to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("read admin.key"),
        }
    }

    /// Keeps the key of the first admin, readable for the owner alone. The file
    /// appears whole or not at all.
    pub fn keep_admin_key(&self, key: &str) -> Result<()> {
        let (file, unfinished) = (self.admin_key_file(), self.path.join("admin.key.new"));
        let mut options = OpenOptions::new();
        let mut new =
            options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        writeln!(new, "{key}")?;
        new.sync_all()?;
        std::fs::rename(unfinished, file)?;
        File::open(&self.path)?.sync_all().context("sync the data folder")
    }

    /// Where that key is.
    pub fn admin_key_file(&self) -> PathBuf {
        self.path.join("admin.key")
    }

    /// Whether there was no database here yet.
    pub fn is_new(&self) -> bool {
        !self.database().exists()
    }
}
