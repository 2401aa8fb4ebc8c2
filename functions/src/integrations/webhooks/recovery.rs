//! Use case: recover. What failed since a moment is driven anew, and what was emitted
//! since then and never put on its way to a webhook is; a durable job, in steps, so that
//! a receiver that is back is not overrun.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Result};
use shared::ids;
use shared::jobs::{Claim, Done, Failure, Job, Ready, Record, Row, Work};
use shared::queue::Hint;
use shared::table::{Cond, Item, Key, Query, Range, Read, Value, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::delivery::{Delivery, DeliveryStatus, delivery_key, first_delivery};
use super::endpoint::{Endpoint, endpoint_key};
use super::stats;
use super::store::{INTERFERED, Webhooks, breaker_name};
use crate::messages::Message;

/// Deliveries of one step, and how far apart steps are, in milliseconds.
const STEP: i32 = 50;
const APART: i64 = 1_000;
/// How long a message may be under way between its preparation and its writing, in
/// milliseconds: no function runs for longer.
const UNDER_WAY: i64 = 60_000;
/// How far back one may go, in milliseconds: thirty days, for which messages are kept.
pub(super) const FARTHEST: i64 = 30 * 24 * 3_600_000;
/// Deliveries that are looked at to count the failed ones, at most, and those of one look.
const LOOKED_AT: usize = 20_000;
const LOOK: i32 = 1_000;

/// A recovery's row, which is also that of its job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recovery {
    pk: String,
    sk: String,
    pub(super) id: String,
    endpoint: String,
    /// From when on, and up to when, milliseconds since 1970.
    pub(super) since: i64,
    pub(super) until: i64,
    /// What is left to do of each part.
    #[serde(default)]
    failed_from: Option<String>,
    #[serde(default)]
    missing_from: Option<i64>,
    /// Where to look once more for messages that were under way when it looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    once_more_from: Option<i64>,
    /// Deliveries that were driven anew, and messages that were put on their way.
    #[serde(default)]
    pub(super) recovered: i64,
    #[serde(default)]
    pub(super) replayed: i64,
    pub(super) created_at: i64,
    expires_at: i64,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// What is to be recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct What {
    /// Deliveries that failed.
    pub failed: bool,
    /// Messages that were never on their way there.
    pub missing: bool,
}

impl Row for Recovery {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Webhooks {
    /// Starts a recovery, and with `enable` makes the webhook active in the same moment.
    ///
    /// # Errors
    /// `Conflict` when the webhook is disabled and stays so.
    pub(super) async fn recover(
        &self,
        by: &Caller,
        endpoint: &Endpoint,
        what: What,
        since: i64,
        enable: bool,
    ) -> Result<Recovery> {
        if !enable {
            self.must_be_active(endpoint)?;
        }
        let recovery = self.recovery(&by.tenant, endpoint, what, since).await?;
        let mut writes = vec![self.messages.put(Item::of(&recovery)?, Some(Cond::Absent("pk")))];
        let action = if enable { "webhook.enable" } else { "webhook.recover" };
        if enable {
            let active = Endpoint { is_active: true, disabled: None, ..endpoint.clone() };
            writes.push(self.replace(endpoint, &active)?);
            writes.push(self.breakers.reset(&by.tenant, &breaker_name(&endpoint.id)));
        }
        let details = json!({
            "since": shared::web::to_the_second(since),
            "failed": what.failed,
            "missing": what.missing,
        });
        self.change(by, action, &endpoint.id, &details, writes, INTERFERED).await?;
        self.lane.hint(Hint::at(recovery.key())).await;
        Ok(recovery)
    }

    async fn recovery(
        &self,
        tenant: &Tenant,
        endpoint: &Endpoint,
        what: What,
        since: i64,
    ) -> Result<Recovery> {
        let (id, now) = (ids::unique(), self.clock.now_ms());
        let Key { pk, sk } = recovery_key(tenant, &endpoint.id, &id);
        let missing_from = match what.missing {
            true => Some(self.log.first_since(tenant, since).await?),
            false => None,
        };
        Ok(Recovery {
            pk,
            sk,
            id,
            endpoint: endpoint.id.clone(),
            since,
            until: now,
            failed_from: what.failed.then(|| ids::first_of_moment(since)),
            missing_from,
            once_more_from: missing_from,
            recovered: 0,
            replayed: 0,
            created_at: now,
            expires_at: (now + FARTHEST) / 1000,
            job: Job::fresh(now, now, &self.jobs.policy),
        })
    }

    /// A webhook's recovery.
    pub(super) async fn find_recovery(
        &self,
        tenant: &Tenant,
        endpoint: &str,
        id: &str,
    ) -> Result<Recovery> {
        let endpoint = self.find(tenant, endpoint).await?;
        let key = recovery_key(tenant, &endpoint.id, id);
        let found = match id.len() > 64 {
            true => None,
            false => self.messages.get(&key, Read::Consistent).await?,
        };
        found.ok_or_else(|| Error::not_found("Recovery not found"))
    }

    /// How many deliveries a recovery would drive anew, and whether there are more.
    pub(super) async fn count_failed(
        &self,
        tenant: &Tenant,
        endpoint: &Endpoint,
        since: i64,
    ) -> Result<(usize, bool)> {
        let (mut count, mut seen, mut from) = (0, 0, Some(ids::first_of_moment(since)));
        while let Some(next) = from.take().filter(|_| seen < LOOKED_AT) {
            let (found, rest) = self.deliveries_from(tenant, &endpoint.id, &next, LOOK).await?;
            seen += found.len();
            let failed = found.iter().filter(|one| one.status() == DeliveryStatus::Failed);
            count += failed.count();
            from = rest;
        }
        Ok((count, from.is_some()))
    }

    /// Deliveries from this id on, and where to go on.
    async fn deliveries_from(
        &self,
        tenant: &Tenant,
        endpoint: &str,
        from: &str,
        limit: i32,
    ) -> Result<(Vec<Delivery>, Option<String>)> {
        let partition = delivery_key(tenant, endpoint, "").pk;
        let query = Query::partition(&partition).range("sk", Range::From(from.into()));
        let page = self.messages.query::<Delivery>(query.limit(limit)).await?;
        let last = page.items.last().map(|last| format!("{}!", last.id()));
        Ok((page.items, page.next.and(last)))
    }
}

/// The work that recoveries are.
pub struct Recoveries(pub(super) Webhooks);

impl Recoveries {
    /// Drives a step's failed deliveries anew; answers how many, and what is left.
    async fn failed_step(
        &self,
        tenant: &Tenant,
        recovery: &Recovery,
        from: &str,
    ) -> Result<(i64, Option<String>)> {
        let Self(webhooks) = self;
        let (deliveries, rest) =
            webhooks.deliveries_from(tenant, &recovery.endpoint, from, STEP).await?;
        let (mut driven, mut passed) = (0, false);
        for delivery in deliveries {
            passed |= delivery.created_at > recovery.until;
            if !passed && delivery.status() == DeliveryStatus::Failed {
                driven += i64::from(webhooks.drive_anew(tenant, &delivery, Vec::new()).await?);
            }
        }
        Ok((driven, rest.filter(|_| !passed)))
    }

    /// Puts a step's messages on their way that never were; answers how many, and what is
    /// left.
    async fn missing_step(
        &self,
        endpoint: &Endpoint,
        recovery: &Recovery,
        from: i64,
    ) -> Result<(i64, Option<i64>)> {
        let (Self(webhooks), tenant) = (self, endpoint.tenant()?);
        let end = webhooks.log.last_number(&tenant).await? + 1;
        let step = STEP as usize;
        let messages = webhooks.log.from(&tenant, from, end, step).await?;
        let rest = messages.last().map(|last| last.seq + 1).filter(|_| messages.len() == step);
        let mut replayed = 0;
        for message in &messages {
            if (recovery.since..=recovery.until).contains(&message.at) {
                replayed += i64::from(self.replay(endpoint, message).await?);
            }
        }
        let passed = messages.last().is_some_and(|last| last.at > recovery.until);
        Ok((replayed, rest.filter(|_| !passed)))
    }

    /// Puts a message on its way, if the webhook wants it and it never was.
    async fn replay(&self, endpoint: &Endpoint, message: &Message) -> Result<bool> {
        let Self(webhooks) = self;
        let wanted = match message.kind() {
            Some(kind) => endpoint.wants(kind, &message.data()?),
            None => false,
        };
        let tenant = endpoint.tenant()?;
        let key = delivery_key(&tenant, &endpoint.id, &message.id);
        let known: Option<Key> = webhooks.messages.get(&key, Read::Consistent).await?;
        if !wanted || known.is_some() {
            return Ok(false);
        }
        let policy = &webhooks.jobs.policy;
        let (mut writes, hint) = first_delivery(&webhooks.messages, endpoint, message, policy)?;
        let (kind, at) = (&message.event_type, message.at);
        writes.push(stats::emitted(&webhooks.messages, &tenant, kind, at, 1));
        let written = webhooks.messages.transact(&ids::time_ordered(), writes).await?;
        webhooks.lane.hint(hint).await;
        Ok(matches!(written, Written::Done))
    }
}

impl Work for Recoveries {
    type Row = Recovery;
    type Leave = ();

    async fn ready(&self, _: &Recovery) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, recovery: &Recovery, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let tenant = Tenant::of_pk(&recovery.pk);
        let tenant = tenant.ok_or_else(|| Error::bug("a recovery outside every tenant"))?;
        let key = endpoint_key(&tenant, &recovery.endpoint);
        let endpoint: Option<Endpoint> = self.0.messages.get(&key, Read::Consistent).await?;
        let endpoint = endpoint.filter(|endpoint| endpoint.is_active);
        let endpoint = endpoint.ok_or_else(|| Failure::permanent("the webhook is disabled"))?;
        let (mut recovered, mut failed_from) = (recovery.recovered, None);
        let (mut replayed, mut missing_from) = (recovery.replayed, recovery.missing_from);
        if let Some(from) = &recovery.failed_from {
            let (driven, rest) = self.failed_step(&tenant, recovery, from).await?;
            (recovered, failed_from) = (recovered + driven, rest);
        } else if let Some(from) = missing_from {
            let (more, rest) = self.missing_step(&endpoint, recovery, from).await?;
            (replayed, missing_from) = (replayed + more, rest);
        }
        let now = self.0.clock.now_ms();
        let (mut once_more_from, mut next) = (recovery.once_more_from, now + APART);
        if failed_from.is_none() && missing_from.is_none() && once_more_from.is_some() {
            // What was prepared before and written meanwhile is there by then.
            (missing_from, next) = (once_more_from.take(), next.max(recovery.until + UNDER_WAY));
        }
        let open = failed_from.is_some() || missing_from.is_some();
        let set = vec![
            ("failed_from", Value::of(&failed_from)?),
            ("missing_from", Value::of(&missing_from)?),
            ("once_more_from", Value::of(&once_more_from)?),
            ("recovered", recovered.into()),
            ("replayed", replayed.into()),
        ];
        let record = Record { set, ..Record::default() };
        let again = open.then_some(next);
        Ok(Done { record, again, park: None })
    }

    async fn failed(&self, _: &Recovery, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Recovery) -> Result<Option<Key>> {
        Ok(None)
    }
}

/// What the partitions of recoveries are called.
pub(super) const RECOVERY: &str = "RECOVERY";

fn recovery_key(tenant: &Tenant, endpoint: &str, id: &str) -> Key {
    Key::alone(tenant.pk(RECOVERY, format!("{endpoint}#{id}")))
}
