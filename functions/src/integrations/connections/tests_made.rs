//! Tests that were made of a connection: what was answered and how soon, kept for
//! thirty days.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::ids;
use shared::table::{Cond, Item, Query, Table, Write};
use shared::tenant::Tenant;

/// How long a test is remembered, in seconds.
const KEPT: i64 = 30 * 24 * 3600;
/// The tests that say how a connection is.
const COUNTED: i32 = 10;

/// A test as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TestMade {
    pk: String,
    sk: String,
    /// When it ended, milliseconds since 1970.
    pub at: i64,
    pub success: bool,
    /// The status that was answered; 0 when there was no answer.
    pub status_code: u16,
    pub response_time_ms: i64,
    pub message: String,
    expires_at: i64,
}

impl TestMade {
    /// A test of a connection that ended at a moment.
    pub fn new(
        tenant: &Tenant,
        connection: &str,
        at: i64,
        (status_code, response_time_ms): (u16, i64),
        message: String,
    ) -> Self {
        let (pk, sk) = (partition(tenant, connection), ids::time_ordered());
        let (success, expires_at) = (status_code == 200, at / 1000 + KEPT);
        Self { pk, sk, at, success, status_code, response_time_ms, message, expires_at }
    }

    /// Its write.
    pub fn write(&self, table: &Table) -> Result<Write> {
        Ok(table.put(Item::of(self)?, Some(Cond::Absent("pk"))))
    }

    /// The newest tests of a connection, newest first.
    pub async fn newest(table: &Table, tenant: &Tenant, connection: &str) -> Result<Vec<Self>> {
        let query = Query::partition(&partition(tenant, connection)).descending().limit(COUNTED);
        Ok(table.query(query).await?.items)
    }
}

/// How long answers took on average, in milliseconds; none when there were none.
pub(super) fn average_ms(tests: &[TestMade]) -> Option<i64> {
    let answered = tests.iter().filter(|test| test.status_code != 0);
    let times: Vec<i64> = answered.map(|test| test.response_time_ms).collect();
    let count = i64::try_from(times.len()).ok().filter(|count| *count > 0)?;
    Some(times.iter().sum::<i64>() / count)
}

fn partition(tenant: &Tenant, connection: &str) -> String {
    tenant.pk("CONNECTION-TESTS", connection)
}
