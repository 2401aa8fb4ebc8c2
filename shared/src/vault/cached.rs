//! What the vault answered, kept for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;

use super::{SecretName, Vault};
use crate::clock::{Clock, millis};
use crate::error::Result;
use crate::ids;
use crate::tenant::Tenant;
use crate::turns::Turns;

/// How long a credential is kept before it is asked for again.
const KEPT: Duration = Duration::from_secs(300);

/// A vault that is asked again only after five minutes, or when told that a
/// credential was refused. Who asks for one name waits for nobody else's. Cheap to
/// clone; clones keep the same.
#[derive(Clone)]
pub struct Cached {
    vault: Arc<dyn Vault>,
    clock: Clock,
    turns: Turns,
    kept: Arc<Mutex<HashMap<SecretName, Kept>>>,
}

/// What the vault answered, and until when it is kept.
type Kept = (i64, Option<SecretString>);

impl Cached {
    /// Keeps what `vault` answers.
    pub fn new(vault: Arc<dyn Vault>, clock: Clock) -> Self {
        Self { vault, clock, turns: Turns::default(), kept: Arc::default() }
    }

    /// The credential of this name, if there is one.
    ///
    /// # Errors
    /// As [`Vault::read`].
    pub async fn read(&self, name: &SecretName) -> Result<Option<SecretString>> {
        if let Some(known) = self.known(name).await {
            return Ok(known);
        }
        let _turn = self.turns.take(name.as_str()).await;
        if let Some(known) = self.known(name).await {
            return Ok(known);
        }
        let secret = self.vault.read(name).await?;
        self.keep(name, secret.clone()).await;
        Ok(secret)
    }

    /// Keeps a credential under this name, in place of one that is there.
    ///
    /// # Errors
    /// As [`Vault::write`].
    pub async fn write(&self, name: &SecretName, secret: &SecretString) -> Result<()> {
        let _turn = self.turns.take(name.as_str()).await;
        // First, so that a write that fails or breaks off leaves nothing old behind.
        self.kept.lock().await.remove(name);
        self.vault.write(name, secret).await?;
        self.keep(name, Some(secret.clone())).await;
        Ok(())
    }

    /// Removes the credential of this name; if there is none, there is none.
    ///
    /// # Errors
    /// As [`Vault::remove`].
    pub async fn remove(&self, name: &SecretName) -> Result<()> {
        let _turn = self.turns.take(name.as_str()).await;
        self.kept.lock().await.remove(name);
        self.vault.remove(name).await?;
        self.keep(name, None).await;
        Ok(())
    }

    /// Keeps a tenant's credential under a new name below this one, and answers that name.
    ///
    /// # Errors
    /// As [`Vault::write`].
    pub async fn keep_anew(
        &self,
        tenant: &Tenant,
        below: &str,
        secret: &SecretString,
    ) -> Result<String> {
        let record = format!("{below}/{}", ids::unique());
        self.write(&SecretName::of(tenant, &record)?, secret).await?;
        Ok(record)
    }

    /// Removes a tenant's credential that nothing points at any more. One that cannot be
    /// removed now does no harm and stays.
    pub async fn discard(&self, tenant: &Tenant, record: &str) {
        let removed = match SecretName::of(tenant, record) {
            Ok(name) => self.remove(&name).await,
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            tracing::warn!(%error, record, "a secret that nobody uses was not removed");
        }
    }

    /// Forgets the credential of this name, because the other side refused it.
    pub async fn forget(&self, name: &SecretName) {
        // A read that is under way may bring the refused one.
        let _turn = self.turns.take(name.as_str()).await;
        self.kept.lock().await.remove(name);
    }

    async fn known(&self, name: &SecretName) -> Option<Option<SecretString>> {
        let kept = self.kept.lock().await;
        let (until, secret) = kept.get(name)?;
        (*until > self.clock.now_ms()).then(|| secret.clone())
    }

    async fn keep(&self, name: &SecretName, secret: Option<SecretString>) {
        let now = self.clock.now_ms();
        let mut kept = self.kept.lock().await;
        kept.retain(|_, (until, _)| *until > now);
        kept.insert(name.clone(), (now + millis(KEPT), secret));
    }
}
