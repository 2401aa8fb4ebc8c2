//! The published generation of a connection, and the one synchronisation that may be making
//! the next one.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Cond, Key, Read, Table, Update, Value, Write};
use shared::tenant::Tenant;

use crate::pages::PageSet;

/// The row that points at what is published.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Roster {
    /// What is published; none before the first synchronisation.
    pub published: Option<PageSet>,
    /// The synchronisation that published it, and when (milliseconds since 1970).
    pub by_sync: Option<String>,
    pub published_at: Option<i64>,
    /// The synchronisation that is under way.
    pub running: Option<String>,
    /// Pages that one left behind which could not go on.
    pub left_over: Option<PageSet>,
}

/// Where a connection's roster is.
fn key(tenant: &Tenant, connection: &str) -> Key {
    Key::alone(tenant.pk("PERSONNEL", connection))
}

impl Roster {
    /// A connection's roster; an empty one before the first synchronisation.
    pub async fn find(table: &Table, tenant: &Tenant, connection: &str) -> Result<Self> {
        let found = table.get(&key(tenant, connection), Read::Consistent).await?;
        Ok(found.unwrap_or_default())
    }

    /// The write by which a synchronisation becomes the one that is under way; refused when
    /// there is another one.
    pub fn take(table: &Table, tenant: &Tenant, connection: &str, sync: &str) -> Write {
        let free = Cond::Absent("running");
        table.change(Update::of(key(tenant, connection)).set("running", sync).when(free))
    }

    /// The write by which it is under way no more, and leaves these pages behind.
    pub fn release(
        table: &Table,
        (tenant, connection, sync): (&Tenant, &str, &str),
        left: Option<&PageSet>,
    ) -> Result<Write> {
        let ours = Cond::Eq("running", sync.into());
        let update = Update::of(key(tenant, connection)).remove("running");
        let left = left.map(Value::of).transpose()?;
        let update = if left.is_some() { update.assign("left_over", left) } else { update };
        Ok(table.change(update.when(ours)))
    }

    /// The write by which what it made is published, and it is under way no more.
    pub fn publish(
        table: &Table,
        (tenant, connection, sync): (&Tenant, &str, &str),
        set: &PageSet,
        now: i64,
    ) -> Result<Write> {
        let ours = Cond::Eq("running", sync.into());
        let update = Update::of(key(tenant, connection))
            .set("published", Value::of(set)?)
            .set("by_sync", sync)
            .set("published_at", now)
            .remove("running");
        Ok(table.change(update.when(ours)))
    }
}
