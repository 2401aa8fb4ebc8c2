//! Stored credentials, in the table `control`. They are found before a tenant is
//! known, so their keys do not start with one; each names its tenant instead.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Read, Table, Written};
use shared::tenant::Tenant;

use super::ApiKey;
use super::permission::Role;

/// A credential as stored: whose it is and what it may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Credential {
    pk: String,
    sk: String,
    pub tenant: Tenant,
    /// What its holder is called in the records.
    pub actor: String,
    pub role: Role,
    /// SHA-256 of the secret part, hexadecimal.
    pub digest: String,
    pub created_at: i64,
}

/// How a sender of events proves who it is.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderCredential {
    /// HTTP Basic.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: String,
    },
    /// The value of the header `X-Sender-Key`.
    Header {
        /// The value.
        value: String,
    },
}

/// Where credentials are kept.
#[derive(Clone)]
pub(super) struct Credentials(pub Table);

impl Credentials {
    /// The stored credential under a lookup key.
    pub async fn find(&self, pk: &str) -> Result<Option<Credential>> {
        self.0.get(&Key::alone(pk.to_owned()), Read::Eventual).await
    }

    /// Stores an API key, unless it is stored already.
    pub async fn add_key(&self, tenant: &Tenant, key: &ApiKey, role: Role, now: i64) -> Result<()> {
        let (actor, digest) = (format!("key:{}", key.id), key.digest());
        let same = Cond::Eq("digest", digest.as_str().into());
        let Key { pk, sk } = Key::alone(key_pk(&key.id));
        let tenant = tenant.clone();
        self.put(Credential { pk, sk, tenant, actor, role, digest, created_at: now }, same).await
    }

    /// Stores a sender's credential, or replaces it.
    pub async fn add_sender(
        &self,
        tenant: &Tenant,
        source: &str,
        credential: &SenderCredential,
        now: i64,
    ) -> Result<()> {
        let (pk, secret) = match credential {
            SenderCredential::Basic { username, password } => (basic_pk(username), password),
            SenderCredential::Header { value } => (header_pk(value), value),
        };
        let digest = ids::hex_digest(secret.as_bytes());
        let actor = format!("source:{source}");
        let own = Cond::Eq("tenant", tenant.as_str().into());
        let (Key { pk, sk }, role) = (Key::alone(pk), Role::Sender);
        let tenant = tenant.clone();
        self.put(Credential { pk, sk, tenant, actor, role, digest, created_at: now }, own).await
    }

    /// Stores a credential where there is none, or where `replaceable` holds.
    async fn put(&self, credential: Credential, replaceable: Cond) -> Result<()> {
        let free = Cond::Any(vec![Cond::Absent("pk"), replaceable]);
        let write = self.0.put(Item::of(&credential)?, Some(free));
        match self.0.transact(&ids::time_ordered(), vec![write]).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Error::invalid("credential", "belongs to somebody else")),
        }
    }
}

/// Where an API key is found.
pub(super) fn key_pk(id: &str) -> String {
    format!("CRED#key#{id}")
}

/// Where a user of HTTP Basic is found.
pub(super) fn basic_pk(username: &str) -> String {
    format!("CRED#basic#{}", ids::hex_digest(username.as_bytes()))
}

/// Where a header's value is found.
pub(super) fn header_pk(value: &str) -> String {
    format!("CRED#header#{}", ids::hex_digest(format!("header|{value}").as_bytes()))
}

/// Name and password of an `Authorization: Basic` header's value.
pub(super) fn decode_basic(encoded: &str) -> Option<(String, String)> {
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (username, password) = text.split_once(':')?;
    Some((username.to_owned(), password.to_owned()))
}
