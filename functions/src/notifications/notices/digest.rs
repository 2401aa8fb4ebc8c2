//! Digests: what was held back for a target goes out as one. Each message is a row of its
//! own, written with it, so that changes at the same moment do not collide.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::ids;
use shared::table::{Query, Table};
use shared::tenant::Tenant;

use super::notice::KEPT_SECONDS;
use crate::messages::{Message, Severity};

/// Messages that a digest tells of one by one; of more it tells how many there are.
pub(in crate::notifications) const SHOWN: usize = 100;
/// As many as are counted.
const COUNTED: usize = 10_000;

/// A message that is held back, as a row of its digest's partition.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::notifications) struct Member {
    pk: String,
    /// The message's id, which sorts by time.
    sk: String,
    pub seq: i64,
    pub severity: Severity,
    expires_at: i64,
}

/// What was held back for a digest.
#[derive(Debug, Default)]
pub(in crate::notifications) struct Gathered {
    /// How much the most severe of it matters.
    pub severity: Severity,
    /// The numbers of the messages to tell of, in order.
    pub shown: Vec<i64>,
    /// How many there are.
    pub count: usize,
}

/// The id of the digest of a rule for a target that goes out at a moment (milliseconds
/// since 1970).
pub(super) fn digest_id(rule: &str, target: &str, until: i64) -> String {
    let whose = ids::derived(&format!("{rule}|{target}"));
    format!("{}.{whose}", ids::first_of_moment(until))
}

/// The row of a message that is held back.
pub(super) fn member(
    tenant: &Tenant,
    digest: &str,
    message: &Message,
    severity: Severity,
) -> Member {
    Member {
        pk: partition(tenant, digest),
        sk: message.id.clone(),
        seq: message.seq,
        severity,
        expires_at: message.at / 1000 + KEPT_SECONDS,
    }
}

/// What was held back for this digest.
pub(in crate::notifications) async fn gather(
    messages: &Table,
    tenant: &Tenant,
    digest: &str,
) -> Result<Gathered> {
    let (mut gathered, mut query) =
        (Gathered::default(), Query::partition(&partition(tenant, digest)).limit(1000));
    loop {
        let page = messages.query::<Member>(query.clone()).await?;
        for member in page.items {
            gathered.count += 1;
            gathered.severity = gathered.severity.max(member.severity);
            if gathered.shown.len() < SHOWN {
                gathered.shown.push(member.seq);
            }
        }
        match page.next {
            Some(next) if gathered.count < COUNTED => query = query.after(Some(next)),
            _ => return Ok(gathered),
        }
    }
}

fn partition(tenant: &Tenant, digest: &str) -> String {
    tenant.pk("DIGEST", digest)
}
