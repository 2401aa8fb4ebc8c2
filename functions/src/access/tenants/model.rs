//! The model: a tenant's registration, and where all of them are kept.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Key, Query, Read, Table};
use shared::tenant::Tenant;
use utoipa::ToSchema;

/// The partition of all registrations.
const PARTITION: &str = "TENANTS";

/// Whether a tenant's callers are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TenantStatus)]
pub enum Status {
    /// They are.
    Active,
    /// They are not; what was accepted before is still worked through.
    Suspended,
}

/// A registered tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registration {
    pub(super) pk: String,
    pub(super) sk: String,
    /// Its id.
    pub tenant: Tenant,
    /// What it is called.
    pub name: String,
    /// Whether its callers are let in.
    pub status: Status,
    /// In milliseconds since 1970.
    pub created_at: i64,
    /// In milliseconds since 1970.
    pub updated_at: i64,
}

impl Registration {
    /// An active tenant, registered now.
    pub fn new(tenant: &Tenant, name: String, now: i64) -> Self {
        let Key { pk, sk } = registration_key(tenant);
        let tenant = tenant.clone();
        Self { pk, sk, tenant, name, status: Status::Active, created_at: now, updated_at: now }
    }
}

/// Where a tenant's registration is.
pub fn registration_key(tenant: &Tenant) -> Key {
    Key { pk: PARTITION.to_owned(), sk: tenant.as_str().to_owned() }
}

/// Reads registrations.
#[derive(Clone)]
pub struct Registrations(pub Table);

impl Registrations {
    /// A tenant's registration, if it has one.
    pub async fn find(&self, tenant: &Tenant, read: Read) -> Result<Option<Registration>> {
        self.0.get(&registration_key(tenant), read).await
    }

    /// All registrations, by id.
    pub async fn all(&self) -> Result<Vec<Registration>> {
        self.0.query_all(Query::partition(PARTITION)).await
    }

    /// Whether the tenant's callers are let in.
    pub async fn is_active(&self, tenant: &Tenant) -> Result<bool> {
        let found = self.find(tenant, Read::Eventual).await?;
        Ok(found.is_some_and(|found| found.status == Status::Active))
    }
}
