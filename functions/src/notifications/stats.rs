//! Counts of notices by day and target, kept in the transactions that they count. A
//! target takes a few a second at most, so a row each is enough.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use shared::clock::timestamp;
use shared::error::Result;
use shared::table::{Key, Query, Range, Table, Update, Write};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::notices::Notice;
use super::store::Notifications;

/// How long counts of a day are kept, in seconds: 400 days.
const KEPT: i64 = 400 * 24 * 3600;
/// Days that are shown, today included.
const DAYS: i64 = 30;

/// How notices of the last thirty days went.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeStatistics {
    days: i64,
    targets: ActiveCounts,
    rules: ActiveCounts,
    notices: NoticeCounts,
    /// By target, also by one that was removed.
    by_target: BTreeMap<String, NoticeCounts>,
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
struct ActiveCounts {
    total: usize,
    active: usize,
}

/// Notices that are settled, by the day on which they came up.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
struct NoticeCounts {
    sent: i64,
    failed: i64,
}

#[derive(Deserialize)]
struct Row {
    sk: String,
    #[serde(default)]
    sent: i64,
    #[serde(default)]
    failed: i64,
}

/// Counts a notice that was settled, well or badly.
pub(super) fn settled(messages: &Table, tenant: &Tenant, notice: &Notice, well: bool) -> Write {
    messages.change(of(tenant, notice).add(if well { "sent" } else { "failed" }, 1))
}

/// Takes a failed notice back that is driven anew.
pub(super) fn redriven(messages: &Table, tenant: &Tenant, notice: &Notice) -> Write {
    messages.change(of(tenant, notice).add("failed", -1))
}

fn of(tenant: &Tenant, notice: &Notice) -> Update {
    let day = day(notice.created_at);
    let key = Key { pk: partition(tenant), sk: format!("{day}#{}", notice.target_id) };
    Update::of(key).set("expires_at", notice.created_at / 1000 + KEPT)
}

fn day(at: i64) -> Date {
    timestamp(at).to_zoned(TimeZone::UTC).date()
}

fn partition(tenant: &Tenant) -> String {
    tenant.pk("NOTICED", "")
}

impl Notifications {
    /// How notices of the last thirty days went.
    pub(super) async fn statistics(&self, tenant: &Tenant) -> Result<NoticeStatistics> {
        let today = day(self.clock.now_ms());
        let from = today.saturating_sub((DAYS - 1).days());
        let range = Range::Between(format!("{from}#").into(), format!("{today}#~").into());
        let query = Query::partition(&partition(tenant)).range("sk", range);
        let (mut notices, mut by_target) = (NoticeCounts::default(), BTreeMap::new());
        for row in self.messages.query_all::<Row>(query).await? {
            let target = row.sk.split_once('#').map_or("", |(_, target)| target);
            let of_target: &mut NoticeCounts = by_target.entry(target.to_owned()).or_default();
            for counts in [&mut notices, of_target] {
                counts.sent += row.sent;
                counts.failed += row.failed;
            }
        }
        let (targets, rules) = (self.targets(tenant).await?, self.rules(tenant).await?);
        let active = |all: &mut dyn Iterator<Item = bool>| {
            let all: Vec<bool> = all.collect();
            ActiveCounts { total: all.len(), active: all.into_iter().filter(|one| *one).count() }
        };
        Ok(NoticeStatistics {
            days: DAYS,
            targets: active(&mut targets.iter().map(|target| target.is_active)),
            rules: active(&mut rules.iter().map(|rule| rule.is_active)),
            notices,
            by_target,
        })
    }
}
