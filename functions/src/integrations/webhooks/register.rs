//! Use cases: register a webhook, change it, renew its secret, remove it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::signature::SigningSecret;
use shared::table::{Cond, Item, Key};
use shared::vault::SecretString;
use shared::web::Caller;
use utoipa::ToSchema;
use uuid::Uuid;

use super::endpoint::{AuthType, Endpoint, Format, endpoint_key};
use super::schedule::{RetryPolicy, Schedule};
use super::secrets::{Auth, Secrets};
use super::store::{INTERFERED, Webhooks, breaker_name};
use super::wanted::{NewWebhook, WebhookFields, checked_secret};
use crate::messages::{TOO_MANY, one_less, one_more};

/// The longest overlap of two secrets, in seconds, and that of a caller who names none.
const LONGEST_OVERLAP: i64 = 30 * 24 * 3600;
const OVERLAP: i64 = 24 * 3600;

/// How a webhook's secret is renewed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    /// The new one, as for a new webhook; made when not given.
    #[schema(value_type = Option<String>, min_length = 8, max_length = 256)]
    pub secret: Option<SecretString>,
    /// How long deliveries are signed with the old one as well, 0 to 2592000; a day when
    /// not given.
    #[schema(minimum = 0, maximum = 2_592_000)]
    pub overlap_seconds: Option<i64>,
}

impl Webhooks {
    /// Registers a webhook, and answers it with the secret that was made for it, if none
    /// was given.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `Conflict` when there are as many as there may be.
    pub(super) async fn register(
        &self,
        by: &Caller,
        new: NewWebhook,
    ) -> Result<(Endpoint, Option<SecretString>)> {
        let wanted = new.fields()?;
        let blank = self.blank(by);
        let mut endpoint = wanted.applied_to(&blank)?;
        let auth = wanted.auth(AuthType::None, endpoint.auth_type)?.unwrap_or_default();
        let (secret, made) = given_or_made(wanted.secret)?;
        self.targets.check("url", &endpoint.url).await?;
        endpoint.secrets = Secrets::of(&secret, auth).keep(&self.vault, &by.tenant).await?;
        let writes = vec![
            self.messages.put(Item::of(&endpoint)?, Some(Cond::Absent("pk"))),
            one_more(&self.messages, &by.tenant),
        ];
        let details = json!({ "name": endpoint.name, "event_types": endpoint.event_types });
        let id = &endpoint.id;
        let done = self.change(by, "webhook.create", id, &details, writes, TOO_MANY).await;
        self.discard_if_refused(by, &done, &endpoint).await;
        done.map(|()| (endpoint, made))
    }

    /// Changes a webhook. What was delivered or failed before stays as it is; a change
    /// by a person ends what is known of its failing.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming the member; `Conflict` when somebody else changed it
    /// at the same moment.
    pub(super) async fn update(
        &self,
        by: &Caller,
        id: &str,
        wanted: WebhookFields,
    ) -> Result<Endpoint> {
        let old = self.find(&by.tenant, id).await?;
        let mut new = wanted.applied_to(&old)?;
        let auth = wanted.auth(old.auth_type, new.auth_type)?;
        wanted.secret.as_ref().map(checked_secret).transpose()?;
        if new.url != old.url {
            self.targets.check("url", &new.url).await?;
        }
        if new.is_active {
            new.disabled = None;
        } else {
            new.missed_since = new.missed_since.or(Some(self.clock.now_ms()));
        }
        if auth.is_some() || wanted.secret.is_some() {
            new.secrets = self.other_secrets(by, &old, wanted.secret.as_ref(), auth).await?;
        }
        let details = json!({ "name": new.name, "is_active": new.is_active });
        self.put_in_place(by, "webhook.update", &old, &new, &details).await?;
        Ok(new)
    }

    /// Gives a webhook a new signing secret, and answers it if it was made here. Until
    /// the overlap ends deliveries are signed with the old one as well.
    ///
    /// # Errors
    /// As [`Webhooks::update`].
    pub(super) async fn rotate(
        &self,
        by: &Caller,
        id: &str,
        renewal: NewSecret,
    ) -> Result<(Endpoint, Option<SecretString>)> {
        let old = self.find(&by.tenant, id).await?;
        let overlap = renewal.overlap_seconds.unwrap_or(OVERLAP);
        if !(0..=LONGEST_OVERLAP).contains(&overlap) {
            let message = format!("must be between 0 and {LONGEST_OVERLAP}");
            return Err(Error::invalid("overlap_seconds", message));
        }
        let (secret, made) = given_or_made(renewal.secret)?;
        let now = self.clock.now_ms();
        let kept = self.secrets_of(by, &old).await?;
        let renewed = kept.renewed(&secret, now, now + overlap * 1000);
        let secrets = renewed.keep(&self.vault, &by.tenant).await?;
        let new = Endpoint { secrets, ..old.clone() };
        let details = json!({ "overlap_seconds": overlap });
        self.put_in_place(by, "webhook.rotate-secret", &old, &new, &details).await?;
        Ok((new, made))
    }

    /// Removes a webhook and its secrets. What is still on its way to it ends as failed.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when somebody else changed it at the same moment.
    pub(super) async fn remove(&self, by: &Caller, id: &str) -> Result<()> {
        let old = self.find(&by.tenant, id).await?;
        let as_read = Cond::Eq("version", old.version.into());
        let delete = self.messages.delete(old.key(), Some(as_read));
        let writes = vec![delete, one_less(&self.messages, &by.tenant)];
        let details = json!({ "name": old.name });
        self.change(by, "webhook.delete", &old.id, &details, writes, INTERFERED).await?;
        self.vault.discard(&by.tenant, &old.secrets).await;
        Ok(())
    }

    /// Writes a changed webhook; of the two sets of secrets the unused one is forgotten.
    pub(super) async fn put_in_place(
        &self,
        by: &Caller,
        action: &str,
        old: &Endpoint,
        new: &Endpoint,
        details: &serde_json::Value,
    ) -> Result<()> {
        let mut writes = vec![self.replace(old, new)?];
        if old.url != new.url || old.secrets != new.secrets || new.is_active != old.is_active {
            // What failed as it was says nothing of what it is.
            writes.push(self.breakers.reset(&by.tenant, &breaker_name(&old.id)));
        }
        let done = self.change(by, action, &old.id, details, writes, INTERFERED).await;
        if old.secrets != new.secrets {
            match &done {
                Ok(()) => self.vault.discard(&by.tenant, &old.secrets).await,
                Err(_) => self.discard_if_refused(by, &done, new).await,
            }
        }
        done
    }

    /// Removes the secrets of a webhook that was surely not written. If that is not known,
    /// they stay: it may point at them.
    async fn discard_if_refused(&self, by: &Caller, done: &Result<()>, endpoint: &Endpoint) {
        if done.as_ref().is_err_and(|error| !error.leaves_it_open()) {
            self.vault.discard(&by.tenant, &endpoint.secrets).await;
        }
    }

    /// The secrets of a webhook as it was read.
    ///
    /// # Errors
    /// `Conflict` when others took their place meanwhile.
    async fn secrets_of(&self, by: &Caller, endpoint: &Endpoint) -> Result<Secrets> {
        let kept = Secrets::read(&self.vault, &by.tenant, &endpoint.secrets).await?;
        kept.ok_or_else(|| Error::new(Kind::Conflict, INTERFERED))
    }

    async fn other_secrets(
        &self,
        by: &Caller,
        old: &Endpoint,
        secret: Option<&SecretString>,
        auth: Option<Auth>,
    ) -> Result<String> {
        let mut kept = self.secrets_of(by, old).await?;
        if let Some(auth) = auth {
            kept.auth = auth;
        }
        if let Some(secret) = secret {
            kept = Secrets::of(secret, kept.auth);
        }
        kept.keep(&self.vault, &by.tenant).await
    }

    /// A webhook as it is when nothing was said of it.
    fn blank(&self, by: &Caller) -> Endpoint {
        let (id, now) = (Uuid::new_v4().to_string(), self.clock.now_ms());
        let Key { pk, sk } = endpoint_key(&by.tenant, &id);
        let policy = RetryPolicy::Doubling;
        Endpoint {
            pk,
            sk,
            id,
            name: String::new(),
            url: String::new(),
            method: "POST".to_owned(),
            headers: BTreeMap::new(),
            event_types: Vec::new(),
            filter: None,
            timeout_seconds: 30,
            schedule: Schedule { policy, attempts: 3, delay_seconds: 60 },
            rate_limit: None,
            ordered: false,
            format: Format::Flat,
            auth_type: AuthType::None,
            secrets: String::new(),
            is_active: true,
            disabled: None,
            failing_since: None,
            warned_at: None,
            missed_since: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

/// The secret to use, and the same once more if it was made here and must be shown.
fn given_or_made(given: Option<SecretString>) -> Result<(SecretString, Option<SecretString>)> {
    match given {
        Some(given) => checked_secret(&given).map(|()| (given, None)),
        None => {
            let made = SigningSecret::generate();
            Ok((made.clone(), Some(made)))
        }
    }
}
