//! Use case: how long a connection was in which status. Every change of its status
//! leaves an item, kept for four hundred days.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Query, Range, Table, Write};
use shared::tenant::Tenant;
use shared::web::to_the_second;
use utoipa::{IntoParams, ToSchema};

use super::Connections;
use super::model::{Connection, ConnectionStatus};
use crate::integrations::answer::percentage;

/// How long a change of status is remembered, in milliseconds.
const KEPT: i64 = 400 * DAY;
const DAY: i64 = 24 * 3600 * 1000;

/// A change of status as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Uptime {
    pk: String,
    sk: String,
    /// When it happened, milliseconds since 1970.
    at: i64,
    /// The status before; none when the connection was made.
    was: Option<ConnectionStatus>,
    is: ConnectionStatus,
    expires_at: i64,
}

/// Which days are looked at.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UptimeFilter {
    /// How many, up to now.
    #[param(minimum = 1, maximum = 365, default = 30)]
    pub(super) days: Option<i64>,
}

/// How long a connection was in which status.
#[derive(Debug, Serialize, ToSchema)]
pub struct UptimeView {
    connection_id: String,
    period: UptimePeriod,
    /// The part of the period in which it was active, in percent; null when the period is
    /// empty.
    uptime_percentage: Option<f64>,
    /// Its statuses one after the other, oldest first, without gaps.
    intervals: Vec<UptimeInterval>,
}

/// The days looked at, cut off where the connection was made.
#[derive(Debug, Serialize, ToSchema)]
struct UptimePeriod {
    start: String,
    end: String,
    days: i64,
}

/// A time in one status.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct UptimeInterval {
    status: ConnectionStatus,
    from: String,
    to: String,
    seconds: i64,
}

impl Uptime {
    /// A change at a moment.
    pub fn new(
        tenant: &Tenant,
        connection: &str,
        at: i64,
        was: Option<ConnectionStatus>,
        is: ConnectionStatus,
    ) -> Self {
        let (pk, sk) =
            (partition(tenant, connection), format!("{}{}", sk_at(at), ids::time_ordered()));
        Self { pk, sk, at, was, is, expires_at: (at + KEPT) / 1000 }
    }

    /// Its write, to be made with the change.
    pub fn write(&self, table: &Table) -> Result<Write> {
        Ok(table.put(Item::of(self)?, Some(Cond::Absent("pk"))))
    }
}

impl Connections {
    /// How long a connection was in which status during the last days.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming `days`.
    pub(super) async fn uptime(
        &self,
        tenant: &Tenant,
        id: &str,
        days: Option<i64>,
    ) -> Result<UptimeView> {
        let days = days.unwrap_or(30);
        if !(1..=365).contains(&days) {
            return Err(Error::invalid("days", "must be between 1 and 365"));
        }
        let connection = self.find(tenant, id).await?;
        let now = self.clock.now_ms();
        let start = (now - days * DAY).max(connection.created_at);
        let span = Range::From(sk_at(start).into());
        let query = Query::partition(&partition(tenant, &connection.id)).range("sk", span);
        let changes: Vec<Uptime> = self.table.query_all(query).await?;
        Ok(view(&connection, &changes, start, now, days))
    }
}

/// What the changes since `start` tell of the time up to `now`.
fn view(
    connection: &Connection,
    changes: &[Uptime],
    start: i64,
    now: i64,
    days: i64,
) -> UptimeView {
    let first = changes.first().map_or(connection.status, |change| change.was.unwrap_or(change.is));
    let mut spans = vec![(first, start)];
    spans.extend(changes.iter().map(|change| (change.is, change.at)));
    let ends: Vec<i64> = spans.iter().skip(1).map(|(_, at)| *at).chain([now]).collect();
    let spans = spans.into_iter().zip(ends).filter(|((_, from), to)| to > from);
    let (mut active, mut intervals) = (0, Vec::new());
    for ((status, from), to) in spans {
        if status == ConnectionStatus::Active {
            active += to - from;
        }
        let (from, to, seconds) = (to_the_second(from), to_the_second(to), (to - from) / 1000);
        intervals.push(UptimeInterval { status, from, to, seconds });
    }
    let whole = now - start;
    UptimeView {
        connection_id: connection.id.clone(),
        period: UptimePeriod { start: to_the_second(start), end: to_the_second(now), days },
        uptime_percentage: (whole > 0).then(|| percentage(active, whole)),
        intervals,
    }
}

fn partition(tenant: &Tenant, connection: &str) -> String {
    tenant.pk("CONNECTION-UPTIME", connection)
}

fn sk_at(ms: i64) -> String {
    format!("{:015}-", ms.max(0))
}
