//! A webhook's secrets, as the vault keeps them in one record: what its deliveries are
//! signed with, and what they authenticate with.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::signature::SigningSecret;
use shared::tenant::Tenant;
use shared::vault::{Cached, ExposeSecret, SecretName, SecretString};

/// Secrets that are valid side by side at most.
const MOST: usize = 5;

/// What the vault keeps of one webhook.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Secrets {
    /// The newest first.
    signing: Vec<Signing>,
    #[serde(default)]
    pub auth: Auth,
}

#[derive(Serialize, Deserialize)]
struct Signing {
    secret: String,
    /// From when on nothing is signed with it, in milliseconds since 1970.
    until: Option<i64>,
}

/// What deliveries authenticate with.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) enum Auth {
    #[default]
    None,
    Basic {
        username: String,
        password: String,
    },
    Bearer(String),
    ApiKey(String),
}

impl Secrets {
    /// With this secret alone.
    pub fn of(secret: &SecretString, auth: Auth) -> Self {
        let secret = secret.expose_secret().to_owned();
        Self { signing: vec![Signing { secret, until: None }], auth }
    }

    /// With a new secret, beside which the others are used until a moment.
    pub fn renewed(self, new: &SecretString, now: i64, until: i64) -> Self {
        let still = self.signing.into_iter().filter_map(|old| {
            let until = old.until.map_or(until, |sooner| sooner.min(until));
            (now < until).then_some(Signing { until: Some(until), ..old })
        });
        let new = Signing { secret: new.expose_secret().to_owned(), until: None };
        Self { signing: [new].into_iter().chain(still).take(MOST).collect(), ..self }
    }

    /// The texts that sign at this moment, the newest first.
    pub fn at(&self, now: i64) -> impl Iterator<Item = &str> {
        let valid = move |one: &&Signing| one.until.is_none_or(|until| now < until);
        self.signing.iter().filter(valid).map(|one| one.secret.as_str())
    }

    /// The headers that sign a body sent now under this id: those of Standard Webhooks,
    /// and those that receivers of the service before this one check.
    pub fn headers(&self, id: &str, now: i64, body: &[u8]) -> Result<Vec<(&'static str, String)>> {
        let (timestamp, mut signatures) = (now / 1000, Vec::new());
        for secret in self.at(now) {
            signatures.push(SigningSecret::of_any(secret).sign(id, timestamp, body)?);
        }
        let mut headers = vec![
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        if let Some(newest) = self.at(now).next() {
            let hex = SigningSecret::of_text(newest).sign_body(body)?;
            headers.push(("x-webhook-signature-256", format!("sha256={hex}")));
            headers.push(("x-webhook-signature", hex));
        }
        Ok(headers)
    }

    /// Keeps them under a new name, and answers it.
    pub async fn keep(&self, vault: &Cached, tenant: &Tenant) -> Result<String> {
        let text = serde_json::to_string(self).map(SecretString::from).map_err(Error::internal)?;
        vault.keep_anew(tenant, "webhooks", &text).await
    }

    /// Reads what is kept under this name; none when others took its place meanwhile.
    pub async fn read(vault: &Cached, tenant: &Tenant, record: &str) -> Result<Option<Self>> {
        let kept = vault.read(&SecretName::of(tenant, record)?).await?;
        // The parser's own words could quote a secret.
        let read = kept.map(|kept| serde_json::from_str(kept.expose_secret())).transpose();
        read.map_err(|_| Error::bug("a webhook's secrets cannot be read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_secrets_sign_until_their_end() {
        let secret = |text: &str| SecretString::from(text.to_owned());
        let secrets = Secrets::of(&secret("one"), Auth::None);
        let secrets = secrets.renewed(&secret("two"), 1000, 2000);
        let secrets = secrets.renewed(&secret("three"), 1500, 5000);
        let at = |now: i64| secrets.at(now).collect::<Vec<_>>();
        assert_eq!(at(1999), ["three", "two", "one"]);
        assert_eq!(at(2000), ["three", "two"]);
        assert_eq!(at(5000), ["three"]);
        assert_eq!(secrets.renewed(&secret("four"), 6000, 6000).at(6000).count(), 1);
    }
}
