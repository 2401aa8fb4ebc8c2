//! The vault port: credentials by name. On AWS they are Secrets Manager's; a
//! local process has an encrypted file. Values are typed so that they cannot be
//! printed, and kept in memory for five minutes.

mod cached;
mod keyring;
mod name;
mod secrets_manager;

pub use cached::Cached;
pub use keyring::{Keyring, Sealed};
pub use name::SecretName;
pub use secrecy::{ExposeSecret, SecretString};
pub use secrets_manager::SecretsManager;

use crate::boxed::Boxed;
use crate::error::{Error, Result};

/// The longest credential that any vault takes, in bytes; Secrets Manager's own limit.
pub const MAX_SECRET: usize = 65_536;

/// Where credentials are kept.
pub trait Vault: Send + Sync {
    /// The credential of this name, if there is one.
    ///
    /// # Errors
    /// `Unavailable` when the vault does not answer, `Internal` when it refuses.
    fn read<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Result<Option<SecretString>>>;

    /// Keeps a credential under this name, in place of one that is there.
    ///
    /// # Errors
    /// `Invalid` when it is empty or longer than [`MAX_SECRET`]; otherwise as
    /// [`Vault::read`], and then it may be there or not.
    fn write<'a>(&'a self, name: &'a SecretName, secret: &'a SecretString)
    -> Boxed<'a, Result<()>>;

    /// Removes the credential of this name; if there is none, there is none.
    ///
    /// # Errors
    /// As [`Vault::read`], and then it may be there or not.
    fn remove<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Result<()>>;
}

/// Refuses a credential that not every vault takes.
///
/// # Errors
/// `Invalid` when it is empty or longer than [`MAX_SECRET`].
pub fn check_size(secret: &SecretString) -> Result<()> {
    if (1..=MAX_SECRET).contains(&secret.expose_secret().len()) {
        Ok(())
    } else {
        Err(Error::invalid("secret", format!("must be 1 to {MAX_SECRET} bytes long")))
    }
}
