//! The model: an API key's record, one a key in its tenant's directory. What a
//! request is checked against is the [`Credential`] that it points at.

use serde::{Deserialize, Serialize};
use shared::table::Key;
use shared::tenant::Tenant;

use crate::access::credential::{Credential, key_place};
use crate::access::permission::Role;

/// The greatest number that sorts where it should.
pub const MOST_KEYS: i64 = 999_999_999_999;

/// A key as its tenant's admins know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::access) struct KeyRecord {
    pub pk: String,
    pub sk: String,
    /// Its number in the tenant.
    pub id: i64,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub role: Role,
    /// Those of the role that it is narrowed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u32>,
    pub is_active: bool,
    /// From when on it is not valid, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    /// The id in the key's own text.
    pub current: String,
    /// That of the text it replaces, which may be valid for a while yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
}

impl KeyRecord {
    /// An active key without a name or an end, made now.
    pub fn new(tenant: &Tenant, id: i64, role: Role, now: i64, current: String) -> Self {
        let Key { pk, sk } = record_key(tenant, id);
        Self {
            pk,
            sk,
            id,
            name: String::new(),
            description: None,
            role,
            permissions: None,
            rate_limit: None,
            is_active: true,
            until: None,
            created_at: now,
            updated_at: now,
            current,
            replaced: None,
        }
    }

    /// What its holder is called in the records.
    pub fn actor(&self) -> String {
        actor(self.id)
    }

    /// Whether it can administer its tenant for good: one of these must stay.
    pub fn is_lasting_admin(&self) -> bool {
        self.role == Role::Admin && self.permissions.is_none() && self.until.is_none()
    }

    /// Where the credentials of its texts are.
    pub fn credentials(&self) -> impl Iterator<Item = Key> {
        [Some(&self.current), self.replaced.as_ref()].into_iter().flatten().map(|id| key_place(id))
    }

    /// The credential of its present text.
    pub fn credential(&self, tenant: &Tenant, digest: String) -> Credential {
        let mut credential = Credential::new(key_place(&self.current), tenant, self.actor());
        credential.digest = Some(digest);
        credential.role = Some(self.role);
        credential.permissions.clone_from(&self.permissions);
        credential.rate_limit = self.rate_limit;
        credential.is_active = self.is_active;
        credential.until = self.until;
        credential
    }
}

/// What the holder of the key of this number is called in the records.
pub fn actor(id: i64) -> String {
    format!("key:{id}")
}

/// The number of the key whose holder is called this; none for anybody else.
pub fn number(actor: &str) -> Option<i64> {
    actor.strip_prefix("key:")?.parse().ok()
}

/// The partition of a tenant's directory.
pub fn directory(tenant: &Tenant) -> String {
    tenant.pk("KEYS", "")
}

/// Where a key's record is.
pub fn record_key(tenant: &Tenant, id: i64) -> Key {
    Key { pk: directory(tenant), sk: format!("K#{id:012}") }
}

/// Where the tenant's lasting admin keys are counted.
pub fn admins_key(tenant: &Tenant) -> Key {
    Key { pk: directory(tenant), sk: "ADMINS".to_owned() }
}
