//! The vault on AWS: Secrets Manager, a secret for each name. Names are sent whole
//! and never as a part of an ARN, so their endings do not matter.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use secrecy::{ExposeSecret, SecretString};

use super::{SecretName, Vault, check_size};
use crate::boxed::Boxed;
use crate::error::{Error, Result};

/// How often a write begins anew because others made or deleted the secret meanwhile.
const TRIES: usize = 4;

/// AWS Secrets Manager.
pub struct SecretsManager {
    client: Client,
    prefix: String,
}

/// What stood in the way of a call.
enum State {
    Absent,
    Exists,
    /// It still has its name and can be restored.
    Deleted,
}

impl SecretsManager {
    /// The account's secrets. Those of tenants are called `<prefix>/<tenant>/<record>`.
    /// Without a prefix they are called `<tenant>/<record>`, and the account must hold
    /// no other secrets of such names.
    pub fn new(client: Client, prefix: Option<&str>) -> Self {
        let prefix = prefix.map(|prefix| format!("{prefix}/")).unwrap_or_default();
        Self { client, prefix }
    }

    /// What Secrets Manager calls it.
    fn id(&self, name: &SecretName) -> String {
        match name.as_given() {
            Some(given) => given.to_owned(),
            None => format!("{}{name}", self.prefix),
        }
    }

    async fn get(&self, id: String) -> Result<Option<SecretString>> {
        match self.client.get_secret_value().secret_id(id).send().await {
            Ok(found) => Ok(found.secret_string.map(SecretString::from)),
            Err(refused) => match state(refused)? {
                State::Absent | State::Deleted => Ok(None),
                State::Exists => Err(Error::bug("a secret that exists was not read")),
            },
        }
    }

    async fn put(&self, id: &str, secret: &SecretString) -> Result<Option<State>> {
        let call = self.client.put_secret_value().secret_id(id);
        let put = call.secret_string(secret.expose_secret()).send().await;
        put.map(|_| None).or_else(|refused| state(refused).map(Some))
    }

    async fn create(&self, id: &str, secret: &SecretString) -> Result<Option<State>> {
        let call = self.client.create_secret().name(id);
        let created = call.secret_string(secret.expose_secret()).send().await;
        created.map(|_| None).or_else(|refused| state(refused).map(Some))
    }

    /// Restores it; if others did, or it is gone for good, the next try sees that.
    async fn restore(&self, id: &str) -> Result<()> {
        match self.client.restore_secret().secret_id(id).send().await {
            Ok(_) => Ok(()),
            Err(refused) => state(refused).map(|_| ()),
        }
    }

    /// Puts the value; makes or restores the secret for it as often as others take it
    /// away meanwhile, up to a limit.
    async fn put_or_create(&self, id: &str, secret: &SecretString) -> Result<()> {
        for _ in 0..TRIES {
            let mut state = self.put(id, secret).await?;
            if matches!(state, Some(State::Absent)) {
                state = self.create(id, secret).await?;
            }
            match state {
                None => return Ok(()),
                Some(State::Deleted) => self.restore(id).await?,
                Some(State::Absent | State::Exists) => {}
            }
        }
        Err(Error::unavailable(anyhow::anyhow!("{id} kept being made and deleted by others")))
    }

    /// Deletes for good what is a tenant's; an operator's own can be restored for the
    /// days that AWS keeps it.
    async fn delete(&self, name: &SecretName) -> Result<()> {
        let call = self.client.delete_secret().secret_id(self.id(name));
        let for_good = name.as_given().is_none().then_some(true);
        match call.set_force_delete_without_recovery(for_good).send().await {
            Ok(_) => Ok(()),
            Err(refused) => match state(refused)? {
                State::Absent | State::Deleted => Ok(()),
                State::Exists => Err(Error::bug("a secret that exists was not deleted")),
            },
        }
    }
}

impl Vault for SecretsManager {
    fn read<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Result<Option<SecretString>>> {
        Box::pin(self.get(self.id(name)))
    }

    fn write<'a>(
        &'a self,
        name: &'a SecretName,
        secret: &'a SecretString,
    ) -> Boxed<'a, Result<()>> {
        Box::pin(async move {
            check_size(secret)?;
            self.put_or_create(&self.id(name), secret).await
        })
    }

    fn remove<'a>(&'a self, name: &'a SecretName) -> Boxed<'a, Result<()>> {
        Box::pin(self.delete(name))
    }
}

/// The state that a refusal tells of; an error, if it is about something else.
fn state<E>(refused: SdkError<E>) -> Result<State>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let of_deletion = || refused.message().is_some_and(|message| message.contains("delet"));
    match refused.code() {
        Some("ResourceNotFoundException") => Ok(State::Absent),
        Some("ResourceExistsException") => Ok(State::Exists),
        Some("InvalidRequestException") if of_deletion() => Ok(State::Deleted),
        _ => Err(failure(refused)),
    }
}

/// Unavailable, unless Secrets Manager answered and would answer the same again.
fn failure<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let passes = match &error {
        SdkError::ServiceError(refused) => {
            let throttled = matches!(
                refused.err().code(),
                Some("ThrottlingException" | "Throttling" | "TooManyRequestsException")
            );
            throttled || refused.raw().status().is_server_error()
        }
        SdkError::ConstructionFailure(_) => false,
        _ => true,
    };
    if passes { Error::unavailable(error) } else { Error::internal(error) }
}
