//! The model: a source's record, one a source in its tenant's directory. What a
//! request is checked against are the credentials that it points at.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::signature::SigningSecret;
use shared::table::Key;
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretString};

use crate::access::credential::{signer_place, token_place};

/// A source as its tenant's admins know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    pub pk: String,
    pub sk: String,
    /// What it is called in the records.
    pub name: String,
    /// What a request that it signs names it by.
    pub public_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub is_active: bool,
    /// Whether the environment of the process named it.
    #[serde(default)]
    pub of_environment: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<Basic>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Places>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    pub created_at: i64,
    pub updated_at: i64,
    /// Which change of it this is, from 1.
    pub version: i64,
}

/// HTTP Basic.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Basic {
    pub username: String,
    #[serde(flatten)]
    pub places: Places,
}

/// Where a secret's credential is, and that of the one it replaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Places {
    pub current: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
}

/// Signed requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signing {
    /// The vault's record with the secrets.
    pub secrets: String,
}

/// Tokens of an identity provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    pub issuer: String,
    pub audience: String,
    pub subject: String,
}

impl Source {
    /// What its sender is called in the records.
    pub fn actor(&self) -> String {
        format!("source:{}", self.name)
    }

    /// Where all of its credentials are.
    pub fn credentials(&self) -> Vec<Key> {
        let basic = self.basic.iter().flat_map(|basic| basic.places.keys());
        let header = self.header.iter().flat_map(Places::keys);
        let signature = self.signature.iter().map(|_| signer_place(&self.public_id));
        let token = self.token.iter().map(|token| token_place(&token.issuer, &token.subject));
        basic.chain(header).chain(signature).chain(token).collect()
    }

    /// The same without secrets that are being replaced.
    pub fn without_replaced(mut self) -> Self {
        let places = self.basic.iter_mut().map(|basic| &mut basic.places);
        places.chain(self.header.iter_mut()).for_each(|places| places.replaced = None);
        self
    }
}

impl Places {
    fn keys(&self) -> impl Iterator<Item = Key> {
        [Some(&self.current), self.replaced.as_ref()]
            .into_iter()
            .flatten()
            .map(|pk| Key::alone(pk.clone()))
    }
}

/// Whether a source can be called this: 1 to 64 characters of `a-z`, `0-9`, `-`, `_`
/// and `.`.
pub fn is_name(name: &str) -> bool {
    let fits = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// The partition of a tenant's sources.
pub fn directory(tenant: &Tenant) -> String {
    tenant.pk("SOURCES", "")
}

/// Where a source's record is.
pub fn record_key(tenant: &Tenant, name: &str) -> Key {
    Key { pk: directory(tenant), sk: name.to_owned() }
}

/// The secrets that a source signs with, as the vault keeps them.
#[derive(Default, Serialize, Deserialize)]
pub struct Secrets(Vec<Secret>);

#[derive(Serialize, Deserialize)]
struct Secret {
    secret: String,
    /// From when on it is not valid, in milliseconds since 1970.
    until: Option<i64>,
}

impl Secrets {
    /// Reads what the vault keeps.
    pub fn parse(kept: &SecretString) -> Result<Self> {
        // The parser's own words could quote the secret.
        serde_json::from_str(kept.expose_secret())
            .map_err(|_| Error::bug("a source's secrets cannot be read"))
    }

    /// With a new one, that replaces the others at a moment.
    pub fn renewed(self, new: &SecretString, now: i64, until: i64) -> Self {
        let still = self.0.into_iter().filter(|old| old.until.is_none_or(|until| now < until));
        let replaced = still.take(1).filter(|_| now < until).map(|old| {
            let until = old.until.map_or(until, |sooner| sooner.min(until));
            Secret { until: Some(until), ..old }
        });
        let new = Secret { secret: new.expose_secret().to_owned(), until: None };
        Self([new].into_iter().chain(replaced).collect())
    }

    /// As the vault keeps them.
    pub fn text(&self) -> Result<SecretString> {
        serde_json::to_string(self).map(SecretString::from).map_err(Error::internal)
    }

    /// Those that are valid at this moment.
    pub fn at(&self, now: i64) -> Vec<SigningSecret> {
        let valid = self.0.iter().filter(|secret| secret.until.is_none_or(|until| now < until));
        valid.filter_map(|secret| SigningSecret::parse(&secret.secret)).collect()
    }
}
