//! The local process's vault: `vault.json` in the data folder holds every credential
//! sealed, and `vault.key` beside it, or a variable, holds the keys. A start that
//! finds either of them wrong is refused; nothing is made anew in their place.
//!
//! All of it is in memory and each change writes the whole file, which suits the
//! thousands of credentials of one machine and not millions. It cannot tell that
//! somebody put an older copy of the file, or took a credential out of it.

pub(crate) mod api;
mod keys;
mod records;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use shared::boxed::Boxed;
use shared::error::Error;
use shared::vault::{Keyring, SecretName, SecretString, Vault, check_size};
use tokio::sync::{Mutex, watch};

use crate::whole::replace;
use keys::Keys;
use records::Records;

/// The variable that holds the keys when no file does.
pub const KEYS_VARIABLE: &str = "CASEWAY_VAULT_KEYS";

/// Puts new content in a file's place, whole or not at all, and on the disk.
pub type Replace = Box<dyn Fn(&Path, &[u8]) -> std::io::Result<()> + Send + Sync>;

/// The one way that is meant.
pub fn to_disk() -> Replace {
    Box::new(replace)
}

/// What the vault's own work comes to.
type Done<T> = shared::error::Result<T>;

/// The vault of a data folder. Cheap to clone.
#[derive(Clone)]
pub struct FileVault(Arc<Inner>);

struct Inner {
    file: PathBuf,
    keys: Keys,
    replace: Replace,
    /// What is on the disk; reads take it from here.
    stored: watch::Sender<Arc<Stored>>,
    /// Held by whoever changes it.
    turn: Arc<Mutex<()>>,
}

struct Stored {
    keyring: Keyring,
    records: Records,
}

impl FileVault {
    /// Opens the vault of this folder, which must be this process's alone. Its keys are
    /// `given` ([`Keyring::parse`]), or those of `vault.key`, which is made if there is
    /// neither that file nor a `vault.json`.
    ///
    /// # Errors
    /// When a key is missing, is not the one that a credential was sealed under, or can
    /// be read by others, or when `vault.json` is not what was written.
    pub fn open(folder: &Path, given: Option<&str>) -> Result<Self> {
        Self::open_with(folder, given, to_disk())
    }

    /// As [`FileVault::open`], with another way to write files.
    ///
    /// # Errors
    /// As [`FileVault::open`].
    pub fn open_with(folder: &Path, given: Option<&str>, replace: Replace) -> Result<Self> {
        let file = folder.join("vault.json");
        let found = records::read(&file)?;
        let (keys, keyring) = Keys::load(folder, given, found.is_some(), &replace)?;
        let records = found.unwrap_or_default();
        for (name, sealed) in &records {
            let opened = keyring.open(name, sealed).map_err(told);
            opened.with_context(|| format!("{} with {}", file.display(), keys.place()))?;
        }
        let stored = watch::Sender::new(Arc::new(Stored { keyring, records }));
        Ok(Self(Arc::new(Inner { file, keys, replace, stored, turn: Arc::default() })))
    }

    /// Seals every credential anew, under a fresh key if the keys are in a file, and
    /// else under the first of the given ones, and drops the file's old keys. Answers
    /// how many it sealed. Reads go on meanwhile; if it is cut short anywhere, the next
    /// start opens everything and it can be done again.
    ///
    /// # Errors
    /// `Unavailable` when the disk does not take it.
    pub async fn rekey(&self) -> Done<usize> {
        self.change(Inner::rekey).await
    }

    /// Does this work when no other is being done, and to its end even if nobody waits
    /// for it any more.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Done<T> + Send + 'static,
    ) -> Done<T> {
        let turn = self.0.turn.clone().lock_owned().await;
        let inner = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&inner)
        });
        done.await.map_err(Error::internal)?
    }
}

impl Vault for FileVault {
    fn read<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Done<Option<SecretString>>> {
        Box::pin(async move {
            let stored = self.0.stored();
            let sealed = stored.records.get(name);
            sealed.map(|sealed| stored.keyring.open(name, sealed)).transpose()
        })
    }

    fn write<'a>(&'a self, name: &'a SecretName, secret: &'a SecretString) -> Boxed<'a, Done<()>> {
        Box::pin(async move {
            check_size(secret)?;
            let (name, secret) = (name.clone(), secret.clone());
            self.change(move |inner| inner.write(name, &secret)).await
        })
    }

    fn remove<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Done<()>> {
        let name = name.clone();
        Box::pin(self.change(move |inner| inner.remove(&name)))
    }
}

impl Inner {
    fn stored(&self) -> Arc<Stored> {
        self.stored.borrow().clone()
    }

    fn write(&self, name: SecretName, secret: &SecretString) -> Done<()> {
        let stored = self.stored();
        let mut records = stored.records.clone();
        let sealed = stored.keyring.seal(&name, secret)?;
        records.insert(name, sealed);
        self.keep(&stored.keyring, records)
    }

    fn remove(&self, name: &SecretName) -> Done<()> {
        let stored = self.stored();
        let mut records = stored.records.clone();
        match records.remove(name) {
            Some(_) => self.keep(&stored.keyring, records),
            None => Ok(()),
        }
    }

    fn rekey(&self) -> Done<usize> {
        let stored = self.stored();
        let keyring = self.keys.renew(&stored.keyring, &self.replace)?;
        // On the disk, so that what is written from now on may rest on it.
        self.publish(&keyring, stored.records.clone());
        let mut records = stored.records.clone();
        let mut sealed_anew = 0;
        for (name, sealed) in &mut records {
            if sealed.key_id != keyring.active_id() {
                *sealed = keyring.seal(name, &keyring.open(name, sealed)?)?;
                sealed_anew += 1;
            }
        }
        if sealed_anew > 0 {
            self.keep(&keyring, records.clone())?;
        }
        let keyring = self.keys.drop_old(&keyring, &self.replace)?;
        self.publish(&keyring, records);
        Ok(sealed_anew)
    }

    /// Puts these records on the disk, then where reads find them.
    fn keep(&self, keyring: &Keyring, records: Records) -> Done<()> {
        let text = records::to_text(&records)?;
        (self.replace)(&self.file, &text).map_err(unwritten("vault.json"))?;
        self.publish(keyring, records);
        Ok(())
    }

    fn publish(&self, keyring: &Keyring, records: Records) {
        self.stored.send_replace(Arc::new(Stored { keyring: keyring.clone(), records }));
    }
}

/// The disk did not take a file.
fn unwritten(file: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::unavailable(anyhow::Error::new(error).context(format!("write {file}")))
}

/// What an operator is told, who reads no log yet.
fn told(error: Error) -> anyhow::Error {
    error.cause.unwrap_or_else(|| anyhow::Error::msg(error.detail))
}
