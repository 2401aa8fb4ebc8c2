//! Where the vault's keys are: in a file beside it, or given by whoever starts the
//! process, who keeps them elsewhere.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use shared::vault::{ExposeSecret, Keyring, SecretString};

use super::{Done, KEYS_VARIABLE, Replace, told, unwritten};

/// What only the file's owner may not grant: anything to the group and to others.
const OF_OTHERS: u32 = 0o077;

/// Where the keys are.
pub(super) enum Keys {
    Given,
    File(PathBuf),
}

impl Keys {
    /// The keys: those given, or those of the folder's file. It is made when it is not
    /// there, unless something was sealed already, which a fresh key would not open.
    pub fn load(
        folder: &Path,
        given: Option<&str>,
        sealed: bool,
        replace: &Replace,
    ) -> Result<(Self, Keyring)> {
        if let Some(given) = given {
            return Ok((Self::Given, parse(given).context(KEYS_VARIABLE)?));
        }
        let path = folder.join("vault.key");
        let keyring = match read(&path)? {
            Some(text) => {
                parse(text.expose_secret()).with_context(|| path.display().to_string())?
            }
            None if sealed => bail!(
                "{} is missing, and {} was sealed with it: put it back, or set {KEYS_VARIABLE}",
                path.display(),
                folder.join("vault.json").display(),
            ),
            None => {
                let keyring = Keyring::generate().map_err(told)?;
                write(&path, &keyring, replace).map_err(told)?;
                keyring
            }
        };
        Ok((Self::File(path), keyring))
    }

    /// Where they are, for a person.
    pub fn place(&self) -> String {
        match self {
            Self::Given => format!("the keys in {KEYS_VARIABLE}"),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The keys that credentials are sealed under from now on: in a file a fresh one is
    /// added, and those who give keys give fresh ones themselves.
    pub fn renew(&self, keyring: &Keyring, replace: &Replace) -> Done<Keyring> {
        match self {
            Self::Given => Ok(keyring.clone()),
            Self::File(path) => {
                let renewed = keyring.with_fresh_key()?;
                write(path, &renewed, replace)?;
                Ok(renewed)
            }
        }
    }

    /// The keys without those under which nothing is sealed any more.
    pub fn drop_old(&self, keyring: &Keyring, replace: &Replace) -> Done<Keyring> {
        match self {
            Self::Given => Ok(keyring.clone()),
            Self::File(path) => {
                let left = keyring.active_alone();
                write(path, &left, replace)?;
                Ok(left)
            }
        }
    }
}

fn parse(text: &str) -> Result<Keyring> {
    Keyring::parse(text).map_err(told)
}

/// What the file holds, if it is there and nobody else may read it.
fn read(path: &Path) -> Result<Option<SecretString>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("open {}", path.display())),
    };
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & OF_OTHERS != 0 {
        bail!("{} has mode {mode:o} and must have 600: others may have read it", path.display());
    }
    let mut text = String::new();
    file.read_to_string(&mut text).with_context(|| format!("read {}", path.display()))?;
    Ok(Some(SecretString::from(text)))
}

fn write(path: &Path, keyring: &Keyring, replace: &Replace) -> Done<()> {
    let text = keyring.to_text();
    replace(path, text.expose_secret().as_bytes()).map_err(unwritten("vault.key"))
}
