//! The counts: one row for each minute, type and shard, which holds how many of the
//! events received in that minute are in each state now. Every write that changes an
//! event's state changes them in the same transaction.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::clock::timestamp;
use shared::table::{Key, Update};
use shared::tenant::Tenant;

use super::hours;
use crate::pega::event::{Event, Status};

/// How many partitions the counts of a day are spread over, so that many transactions can
/// change them at once.
const SHARDS: i64 = 4;
/// How long they are kept, in seconds: the longest window and a day.
pub(super) const KEPT: i64 = 8 * 24 * 3600;

/// How many events are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct States {
    #[serde(skip_serializing_if = "is_zero")]
    pub received: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub processing: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub processed: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub failed: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub requires_action: i64,
}

/// How many events of each type are in each state.
pub(super) type ByType = BTreeMap<String, States>;

/// A row of counts.
#[derive(Debug, Deserialize)]
pub(super) struct MinuteRow {
    sk: String,
    #[serde(flatten)]
    pub states: States,
}

impl MinuteRow {
    /// The type that it counts.
    pub fn of_type(&self) -> &str {
        self.sk.split_once('#').map_or("", |(_, of_type)| of_type)
    }
}

impl States {
    /// All of them.
    pub fn total(&self) -> i64 {
        self.named().iter().map(|(_, count)| count).sum()
    }

    /// Each state by its name.
    pub fn named(&self) -> [(Status, i64); 5] {
        [
            (Status::Received, self.received),
            (Status::Processing, self.processing),
            (Status::Processed, self.processed),
            (Status::Failed, self.failed),
            (Status::RequiresAction, self.requires_action),
        ]
    }

    /// Adds others.
    pub fn add(&mut self, more: &Self) {
        self.received += more.received;
        self.processing += more.processing;
        self.processed += more.processed;
        self.failed += more.failed;
        self.requires_action += more.requires_action;
    }
}

/// Counts an event that is received.
pub(in crate::pega) fn received(tenant: &Tenant, event: &Event) -> Update {
    of_minute(tenant, event).add(Status::Received.name(), 1)
}

/// Counts an event, as it was read, whose state changes at `now` (milliseconds since
/// 1970).
pub(in crate::pega) fn moved(
    tenant: &Tenant,
    event: &Event,
    from: Status,
    to: Status,
    now: i64,
) -> Vec<Update> {
    if from == to {
        return Vec::new();
    }
    let moved = of_minute(tenant, event).add(from.name(), -1).add(to.name(), 1);
    let stale = hours::outdate(tenant, event.received_at, now);
    std::iter::once(moved).chain(stale).collect()
}

fn of_minute(tenant: &Tenant, event: &Event) -> Update {
    let at = timestamp(event.received_at);
    let shard = event.id().rem_euclid(SHARDS);
    let pk = day_partition(tenant, event.received_at, shard);
    let key = Key { pk, sk: format!("{}#{}", at.strftime("%H:%M"), event.event) };
    Update::of(key).set("expires_at", event.received_at / 1000 + KEPT)
}

/// The partitions of the counts of a day (UTC).
pub(super) fn day_partitions(tenant: &Tenant, at: i64) -> impl Iterator<Item = String> {
    (0..SHARDS).map(move |shard| day_partition(tenant, at, shard))
}

fn day_partition(tenant: &Tenant, at: i64, shard: i64) -> String {
    tenant.pk("MINUTES", format!("{}#{shard}", timestamp(at).strftime("%Y-%m-%d")))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}
