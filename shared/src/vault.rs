//! The vault port: credentials by name. On AWS they are Secrets Manager's; a
//! local process is given its own. Values are typed so that they cannot be
//! printed, and kept for five minutes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
pub use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::boxed::Boxed;
use crate::clock::{Clock, millis};
use crate::error::{Error, Result};

/// How long a credential is kept before it is asked for again.
const KEPT: Duration = Duration::from_secs(300);

/// Where credentials are read.
pub trait Vault: Send + Sync {
    /// The credential of this name, if there is one.
    ///
    /// # Errors
    /// `Unavailable` when the vault does not answer.
    fn read<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Option<SecretString>>>;
}

/// AWS Secrets Manager.
pub struct SecretsManager {
    client: Client,
}

impl SecretsManager {
    /// The account's secrets.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Vault for SecretsManager {
    fn read<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Option<SecretString>>> {
        Box::pin(async move {
            match self.client.get_secret_value().secret_id(name).send().await {
                Ok(found) => Ok(found.secret_string.map(SecretString::from)),
                Err(refused) => match refused.into_service_error() {
                    GetSecretValueError::ResourceNotFoundException(_) => Ok(None),
                    other => Err(Error::unavailable(other)),
                },
            }
        })
    }
}

/// A vault that asks again only after [`KEPT`], or when told that a credential
/// was refused.
#[derive(Clone)]
pub struct Cached {
    vault: Arc<dyn Vault>,
    clock: Clock,
    kept: Arc<Mutex<HashMap<String, Kept>>>,
}

/// What the vault answered, and until when it is kept.
type Kept = (i64, Option<SecretString>);

impl Cached {
    /// Keeps what `vault` answers.
    pub fn new(vault: Arc<dyn Vault>, clock: Clock) -> Self {
        Self { vault, clock, kept: Arc::default() }
    }

    /// The credential of this name, if there is one.
    pub async fn read(&self, name: &str) -> Result<Option<SecretString>> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now_ms();
        match kept.get(name) {
            Some((until, secret)) if *until > now => Ok(secret.clone()),
            _ => {
                let secret = self.vault.read(name).await?;
                kept.insert(name.to_owned(), (now + millis(KEPT), secret.clone()));
                Ok(secret)
            }
        }
    }

    /// Forgets the credential of this name, because the other side refused it.
    pub async fn forget(&self, name: &str) {
        self.kept.lock().await.remove(name);
    }
}
