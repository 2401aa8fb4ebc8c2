//! The model: that somebody answers for somebody else, from one moment to another.

use serde::{Deserialize, Serialize};
use shared::table::Key;
use shared::tenant::Tenant;

/// A delegation's row in the table `tickets`. Moments are milliseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delegation {
    pk: String,
    sk: String,
    /// Who is away.
    pub approver: String,
    /// Who answers instead.
    pub to: String,
    pub starts_at: i64,
    pub ends_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who said so.
    pub by: String,
    /// When it need not be kept any more, seconds since 1970.
    expires_at: i64,
}

/// How long a delegation is kept when it is over, in seconds: thirty days.
const KEPT: i64 = 30 * 24 * 3600;

impl Delegation {
    /// That `to` answers for `approver` between these moments.
    pub fn new(
        tenant: &Tenant,
        approver: &str,
        to: &str,
        (starts_at, ends_at): (i64, i64),
        reason: Option<String>,
        by: &str,
    ) -> Self {
        let Key { pk, sk } = delegation_key(tenant, approver);
        Self {
            pk,
            sk,
            approver: approver.to_owned(),
            to: to.to_owned(),
            starts_at,
            ends_at,
            reason,
            by: by.to_owned(),
            expires_at: ends_at / 1000 + KEPT,
        }
    }

    /// Whether this person answers for the other one at this moment.
    pub fn lets(&self, person: &str, now: i64) -> bool {
        self.to == person && self.starts_at <= now && now < self.ends_at
    }
}

/// All delegations of a tenant, a partition.
pub fn all_delegations(tenant: &Tenant) -> String {
    tenant.pk("DELEGATIONS", "")
}

/// Where the delegation of somebody is.
pub fn delegation_key(tenant: &Tenant, approver: &str) -> Key {
    Key { pk: all_delegations(tenant), sk: format!("D#{approver}") }
}
