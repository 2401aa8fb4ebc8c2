//! The model: a mapping, and its versions beside it in the connection's partition of
//! them. A version is never changed.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::Key;
use shared::tenant::Tenant;

use super::Definition;

/// A mapping as it is, or one of its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mapping {
    pub pk: String,
    pub sk: String,
    /// A UUID that sorts by the time it was made.
    pub id: String,
    pub connection_id: String,
    /// What the other side calls the records.
    pub source_entity: String,
    /// What they are called here.
    pub target_entity: String,
    /// The definition, as JSON text: numbers in it need not fit the table's.
    pub definition: String,
    pub is_active: bool,
    /// From 1.
    pub version: i64,
    /// The version that this one was taken back from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_to: Option<i64>,
    /// When the mapping was made, milliseconds since 1970.
    pub created_at: i64,
    /// When this version was.
    pub updated_at: i64,
    /// Who made it.
    pub updated_by: String,
}

impl Mapping {
    /// What it says.
    pub fn definition(&self) -> Result<Definition> {
        serde_json::from_str(&self.definition).map_err(Error::internal)
    }

    /// The row that keeps this version.
    pub fn as_version(&self) -> Self {
        Self { sk: version_sk(&self.id, self.version), ..self.clone() }
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }
}

/// The partition of a connection's mappings.
pub(super) fn partition(tenant: &Tenant, connection: &str) -> String {
    tenant.pk("MAPPINGS", connection)
}

/// The sort key of a mapping; those of all sort between `H#` and `H#~`.
pub(super) fn head_sk(id: &str) -> String {
    format!("H#{id}")
}

/// The sort key of a version; those of a mapping sort by their number.
pub(super) fn version_sk(id: &str, version: i64) -> String {
    format!("V#{id}#{version:09}")
}
