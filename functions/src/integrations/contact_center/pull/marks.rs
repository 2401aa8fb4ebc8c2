//! How far a connection is pulled: one row a connection, with its watermarks, whom its contact
//! centre told of last, and the one pull that may be under way.

use serde::Deserialize;
use shared::error::Result;
use shared::table::{Cond, Key, Read, Table, Update, Value, Write};
use shared::tenant::Tenant;

use super::crowd::CrowdPages;
use super::plan::{Plan, Watermarks};

/// The row.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Until when each kind is kept.
    pub watermarks: Watermarks,
    /// Whom the contact centre told of last.
    pub crowd: Option<CrowdPages>,
    /// The pull that is under way.
    pub running: Option<String>,
    /// The last one that began, and when, milliseconds since 1970.
    pub last: Option<String>,
    pub started_at: Option<i64>,
}

/// Where a connection's row is.
fn key(tenant: &Tenant, connection: &str) -> Key {
    Key::alone(tenant.pk("CC-PULL-MARKS", connection))
}

impl Marks {
    /// A connection's row; an empty one before the first pull.
    pub async fn find(table: &Table, tenant: &Tenant, connection: &str) -> Result<Self> {
        let found = table.get(&key(tenant, connection), Read::Consistent).await?;
        Ok(found.unwrap_or_default())
    }

    /// The write by which a pull becomes the one that is under way; refused when there is
    /// another one, or was since this was read.
    pub fn take(
        &self,
        table: &Table,
        (tenant, connection, pull): (&Tenant, &str, &str),
        now: i64,
    ) -> Write {
        let as_seen = match &self.last {
            Some(last) => Cond::Eq("last", last.as_str().into()),
            None => Cond::Absent("last"),
        };
        let update = Update::of(key(tenant, connection))
            .set("running", pull)
            .set("last", pull)
            .set("started_at", now);
        table.change(update.when(Cond::All(vec![Cond::Absent("running"), as_seen])))
    }

    /// The write that says how far a pull is; and when it is over, that it is under way no
    /// more. One without a plan found nothing out.
    pub fn moved(
        table: &Table,
        (tenant, connection, pull): (&Tenant, &str, &str),
        plan: Option<&Plan>,
        is_over: bool,
    ) -> Result<Write> {
        let mut update = Update::of(key(tenant, connection));
        if let Some(Plan { watermarks, crowd, .. }) = plan {
            let (watermarks, crowd) = (Value::of(watermarks)?, Value::of(crowd)?);
            update = update.set("watermarks", watermarks).set("crowd", crowd);
        }
        if is_over {
            update = update.remove("running");
        }
        Ok(table.change(update.when(Cond::Eq("running", pull.into()))))
    }
}
