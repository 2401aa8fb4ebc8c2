//! The rows of a tenant's rules: every version that there ever was, and which one holds.

use serde::{Deserialize, Serialize};
use shared::table::Key;
use shared::tenant::Tenant;

use super::Rules;

/// Which version holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Holds {
    pk: String,
    sk: String,
    pub version: i64,
}

/// One version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    pk: String,
    sk: String,
    pub version: i64,
    /// The file; none where the tenant went back to the installation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was made, milliseconds since 1970, and by whom.
    pub at: i64,
    pub by: String,
}

impl Holds {
    pub fn of<R: Rules>(tenant: &Tenant, version: i64) -> Self {
        let Key { pk, sk } = holds_key::<R>(tenant);
        Self { pk, sk, version }
    }
}

impl Version {
    pub fn of<R: Rules>(
        tenant: &Tenant,
        version: i64,
        text: Option<String>,
        at: i64,
        by: String,
    ) -> Self {
        let Key { pk, sk } = version_key::<R>(tenant, version);
        Self { pk, sk, version, text, at, by }
    }
}

pub(super) fn holds_key<R: Rules>(tenant: &Tenant) -> Key {
    Key { pk: versions_of::<R>(tenant), sk: "holds".to_owned() }
}

pub(super) fn version_key<R: Rules>(tenant: &Tenant, version: i64) -> Key {
    Key { pk: versions_of::<R>(tenant), sk: format!("V#{version:09}") }
}

/// The partition of a tenant's rules.
pub(super) fn versions_of<R: Rules>(tenant: &Tenant) -> String {
    tenant.pk(R::KIND, "")
}
