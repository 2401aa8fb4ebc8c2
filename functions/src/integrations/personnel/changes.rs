//! What comparisons found, compressed, by the steps that found it.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Item, Key, Table, Write};
use shared::tenant::Tenant;

use super::model::Change;
use crate::compressed::{pack, unpack};

/// What a comparison found, by the step that found it.
#[derive(Serialize, Deserialize)]
pub struct Changes {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    changes: Vec<u8>,
    expires_at: i64,
}

impl Changes {
    /// How long they are kept, in seconds: ninety days.
    const KEPT: i64 = 90 * 24 * 3600;

    /// The write of what the step at this number found, at `now` (milliseconds since 1970).
    pub fn write(
        table: &Table,
        (tenant, sync, step): (&Tenant, &str, i64),
        changes: &[Change],
        now: i64,
    ) -> Result<Write> {
        let Key { pk, sk } = changes_key(tenant, sync, step);
        let expires_at = now / 1000 + Self::KEPT;
        let row = Self { pk, sk, changes: pack(changes)?, expires_at };
        Ok(table.put(Item::of(&row)?, None))
    }

    /// What they are.
    pub fn read(&self) -> Result<Vec<Change>> {
        unpack(&self.changes)
    }
}

/// Where the changes that a step found are.
pub fn changes_key(tenant: &Tenant, sync: &str, step: i64) -> Key {
    Key { pk: tenant.pk("PERSONNEL-CHANGES", sync), sk: format!("{step:06}") }
}
