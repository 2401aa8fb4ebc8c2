//! Samples: the last records that came over a connection, as they came, so that a
//! mapping can be tried on them. They are kept for seven days.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::table::{Item, Key, Read, Table, Write};
use shared::tenant::Tenant;

/// How many records are kept, how large together, and for how many seconds.
const MOST: usize = 20;
const LARGEST: usize = 64 * 1024;
const KEPT: i64 = 7 * 24 * 3600;

/// The samples of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Samples {
    table: Table,
    clock: Clock,
}

#[derive(Serialize, Deserialize)]
struct Sample {
    pk: String,
    sk: String,
    /// The records, as a JSON array's text.
    records: String,
    expires_at: i64,
}

impl Samples {
    /// Needs the table `integrations`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { table: env.table("INTEGRATIONS_TABLE")?, clock: env.clock() })
    }

    /// The write that keeps the first of these records in place of those before, to be
    /// made together with what they change. `source_entity` is what the other side calls
    /// them.
    pub fn keep(
        &self,
        tenant: &Tenant,
        connection: &str,
        source_entity: &str,
        records: &[Json],
    ) -> Result<Write> {
        let (mut kept, mut size) = (Vec::new(), 0);
        for record in records.iter().take(MOST) {
            size += record.to_string().len();
            if size > LARGEST {
                break;
            }
            kept.push(record);
        }
        let records = serde_json::to_string(&kept).map_err(Error::internal)?;
        let Key { pk, sk } = key(tenant, connection, source_entity);
        let expires_at = self.clock.now_ms() / 1000 + KEPT;
        Ok(self.table.put(Item::of(&Sample { pk, sk, records, expires_at })?, None))
    }

    /// The records that are kept; none when nothing came lately.
    pub(super) async fn find(
        &self,
        tenant: &Tenant,
        connection: &str,
        source_entity: &str,
    ) -> Result<Vec<Json>> {
        let key = key(tenant, connection, source_entity);
        let found: Option<Sample> = self.table.get(&key, Read::Consistent).await?;
        // The table removes what has expired in its own time.
        let found = found.filter(|found| found.expires_at > self.clock.now_ms() / 1000);
        let records = found.map(|found| serde_json::from_str(&found.records));
        Ok(records.transpose().map_err(Error::internal)?.unwrap_or_default())
    }
}

fn key(tenant: &Tenant, connection: &str, source_entity: &str) -> Key {
    Key { pk: tenant.pk("SAMPLES", connection), sk: source_entity.to_owned() }
}
