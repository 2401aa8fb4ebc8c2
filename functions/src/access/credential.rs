//! Stored credentials, in the table `control`. They are found before a tenant is
//! known, so their keys do not start with one; each names its tenant instead.
//! Only digests are stored.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Read, Table, Update, Value, Write};
use shared::tenant::Tenant;
use shared::web::Permissions;
use subtle::ConstantTimeEq;

use super::permission::{EVENTS_WRITE, Role, narrowed};

/// How long an expired credential is kept, so that its holder is told why, in seconds.
const KEPT_EXPIRED: i64 = 24 * 3600;

/// A credential as stored: whose it is, what proves it, what it opens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Credential {
    pk: String,
    sk: String,
    pub tenant: Tenant,
    /// What its holder is called in the records.
    pub actor: String,
    /// SHA-256 of the secret, hexadecimal; none where a signature proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// None for senders of events, who may do that and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Those of the role that it is narrowed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// Requests a minute, when it is not what the installation grants everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u32>,
    /// Where the secrets are that its holder signs with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<String>,
    /// The audience of the tokens that its holder sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    pub is_active: bool,
    /// The moment from which on it is not valid, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// When the table may forget it, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl Credential {
    /// An active credential without an end.
    pub fn new(key: Key, tenant: &Tenant, actor: String) -> Self {
        let Key { pk, sk } = key;
        let tenant = tenant.clone();
        Self {
            pk,
            sk,
            tenant,
            actor,
            digest: None,
            role: None,
            permissions: None,
            rate_limit: None,
            secrets: None,
            audience: None,
            is_active: true,
            until: None,
            expires_at: None,
        }
    }

    /// Where it is stored.
    pub fn place(&self) -> String {
        self.pk.clone()
    }

    /// What it may do.
    pub fn permissions(&self, operator: &Tenant) -> Result<Permissions> {
        let Some(role) = self.role else { return Ok(Permissions::of([EVENTS_WRITE])) };
        let whole = role.permissions(&self.tenant, operator);
        match &self.permissions {
            None => Ok(whole),
            Some(names) => narrowed(&whole, names, "permissions")
                .map_err(|_| Error::bug("a stored permission")),
        }
    }

    /// Whether a secret with this digest is the one, compared in constant time.
    pub fn proved_by(&self, digest: &str) -> bool {
        let stored = self.digest.as_deref().unwrap_or_default();
        !stored.is_empty() && stored.as_bytes().ct_eq(digest.as_bytes()).into()
    }

    /// Whether it is valid at this moment.
    pub fn holds_at(&self, now: i64) -> bool {
        self.is_active && self.until.is_none_or(|until| now < until)
    }

    /// The write that stores it, if its place is free.
    pub fn create(&self, table: &Table) -> Result<Write> {
        Ok(table.put(Item::of(self)?, Some(Cond::Absent("pk"))))
    }
}

/// The credential in this place.
pub(super) async fn find(table: &Table, place: &Key) -> Result<Option<Credential>> {
    table.get(place, Read::Eventual).await
}

/// Ends a credential at a moment, after which the table may forget it.
pub(super) fn end_at(place: Key, until: i64) -> Update {
    let forget = until / 1000 + KEPT_EXPIRED;
    Update::of(place).set("until", until).set("expires_at", forget).when(Cond::Present("pk"))
}

/// Switches a credential on or off.
pub(super) fn switch(place: Key, on: bool) -> Update {
    Update::of(place).set("is_active", Value::from(on)).when(Cond::Present("pk"))
}

/// Where an API key is found.
pub(super) fn key_place(id: &str) -> Key {
    Key::alone(format!("CRED#key#{id}"))
}

/// Where a user of HTTP Basic is found. Only who knows the password knows the place.
pub(super) fn basic_place(username: &str, password: &str) -> Key {
    place("basic", &[username, password])
}

/// Where a header's value is found. Only who knows the value knows the place.
pub(super) fn header_place(value: &str) -> Key {
    place("header", &[value])
}

/// Where the holder of tokens of this issuer and subject is found.
pub(super) fn token_place(issuer: &str, subject: &str) -> Key {
    place("token", &[issuer, subject])
}

/// Where a source that signs is found.
pub(super) fn signer_place(public_id: &str) -> Key {
    place("signer", &[public_id])
}

fn place(kind: &str, parts: &[&str]) -> Key {
    let named: String = parts.iter().map(|part| format!("{}|{part}", part.len())).collect();
    Key::alone(format!("CRED#{kind}#{}", ids::hex_digest(named.as_bytes())))
}
