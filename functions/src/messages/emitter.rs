//! Use case: emit. The message, a delivery for every webhook that it is for and a notice
//! for every target that a rule names are written with the change that it tells of; then
//! workers and watchers get hints.

use std::sync::Arc;

use serde_json::Value as Json;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Policy, Record};
use shared::queue::{Hint, Queue, Unsent};
use shared::table::{Cond, Item, Key, Read, Write};
use shared::tenant::Tenant;

use super::catalogue::EventType;
use super::message::{KEPT_SECONDS, Message, message_key};
use super::{Log, Subscriber, audience};
use crate::integrations::webhooks::{Endpoint, emitted, endpoint_key, first_delivery, policy};
use crate::notifications::Planner;

/// The largest message, in bytes.
pub const LARGEST: usize = 128 * 1024;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct Emitter {
    log: Log,
    deliveries: Arc<dyn Queue>,
    live: Arc<dyn Queue>,
    notices: Planner,
    policy: Policy,
    clock: Clock,
}

/// A message that is to be written with the change that it tells of.
#[must_use]
#[derive(Default)]
pub struct Emission {
    writes: Vec<Write>,
    deliveries: Vec<Hint>,
    notices: Vec<Hint>,
    live: Option<Hint>,
}

impl Emission {
    /// Its writes, to be made with the change. None of them is ever refused but by its own
    /// earlier try.
    pub fn take_writes(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.writes)
    }

    /// This one and that.
    pub fn and(mut self, more: Self) -> Self {
        self.writes.extend(more.writes);
        self.deliveries.extend(more.deliveries);
        self.notices.extend(more.notices);
        self.live = self.live.or(more.live);
        self
    }
}

impl Emitter {
    /// Needs the tables `messages` and `control`, and the queues of deliveries, of notices
    /// and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            log: Log::load(env)?,
            deliveries: env.queue("DELIVERIES_QUEUE_URL")?,
            live: env.queue("LIVE_QUEUE_URL")?,
            notices: Planner::load(env)?,
            policy: policy(env)?,
            clock: env.clock(),
        })
    }

    /// Whether anybody may want messages of this type now. Whoever says a lot may remember it
    /// for a moment, and ask [`Emitter::prepare`] only then.
    pub async fn is_heard(&self, tenant: &Tenant, kind: EventType) -> Result<bool> {
        let listening = audience(&self.log.table, tenant, self.clock.now_ms()).await?;
        Ok(listening.iter().any(|subscriber| match subscriber {
            Subscriber::Webhook(endpoint) => endpoint.names(kind),
            Subscriber::Watched { .. } => true,
            Subscriber::Rule(rule) => rule.may_want(kind),
            Subscriber::Target(_) => false,
        }))
    }

    /// A message to all who listen to the tenant; empty when nobody watches, no webhook
    /// names its type and no rule wants it. `data` is an object that holds no secret.
    pub async fn prepare(&self, tenant: &Tenant, kind: EventType, data: &Json) -> Result<Emission> {
        let mut listening = audience(&self.log.table, tenant, self.clock.now_ms()).await?;
        let planned = self.notices.plan(&listening, kind, data);
        listening.retain(|subscriber| match subscriber {
            // Also one that is not active: it may be sent later what it misses.
            Subscriber::Webhook(endpoint) => endpoint.names(kind),
            Subscriber::Watched { .. } => true,
            Subscriber::Rule(_) | Subscriber::Target(_) => false,
        });
        if listening.is_empty() && planned.is_empty() {
            return Ok(Emission::default());
        }
        let for_whom = listening.iter().filter_map(|subscriber| match subscriber {
            Subscriber::Webhook(endpoint) if endpoint.wants(kind, data) => Some(&**endpoint),
            _ => None,
        });
        let watched = listening.iter().any(|s| matches!(s, Subscriber::Watched { .. }));
        let message = self.message(tenant, kind, data).await?;
        let watch = watched.then(|| Hint::at(message_key(tenant, message.seq)));
        let (writes, notices) = self.notices.writes(tenant, &message, planned).await?;
        let mut emission = self.to(tenant, message, for_whom)?;
        emission.writes.extend(writes);
        Ok(Emission { notices, live: watch, ..emission })
    }

    /// A message for trial, to this webhook and nobody else: it is not what it says.
    pub async fn trial(
        &self,
        tenant: &Tenant,
        kind: EventType,
        data: &Json,
        endpoint: &Endpoint,
    ) -> Result<Emission> {
        let message = self.message(tenant, kind, data).await?;
        self.to(tenant, Message { is_trial: true, ..message }, std::iter::once(endpoint))
    }

    /// A message to the webhook of this id and nobody else; none when it is not there or not
    /// active.
    pub async fn to_one(
        &self,
        tenant: &Tenant,
        kind: EventType,
        data: &Json,
        webhook: &str,
    ) -> Result<Option<Emission>> {
        let key = endpoint_key(tenant, webhook);
        let endpoint: Option<Endpoint> = self.log.table.get(&key, Read::Consistent).await?;
        let Some(endpoint) = endpoint.filter(Endpoint::is_active) else { return Ok(None) };
        let message = self.message(tenant, kind, data).await?;
        let message = Message { is_addressed: true, ..message };
        self.to(tenant, message, std::iter::once(&endpoint)).map(Some)
    }

    fn to<'a>(
        &self,
        tenant: &Tenant,
        message: Message,
        endpoints: impl Iterator<Item = &'a Endpoint>,
    ) -> Result<Emission> {
        let mut emission = Emission {
            writes: vec![self.log.table.put(Item::of(&message)?, Some(Cond::Absent("pk")))],
            ..Emission::default()
        };
        for endpoint in endpoints {
            let (writes, hint) = first_delivery(&self.log.table, endpoint, &message, &self.policy)?;
            emission.writes.extend(writes);
            emission.deliveries.push(hint);
        }
        let many = emission.deliveries.len();
        if many > 0 {
            let (kind, at) = (&message.event_type, message.at);
            emission.writes.push(emitted(&self.log.table, tenant, kind, at, many));
        }
        Ok(emission)
    }

    /// Sends the hints of an emission whose writes are made. One that is lost is made
    /// good by the sweeper, or by watchers who see the gap.
    pub async fn announce(&self, emission: Emission) {
        self.unsent(emission).send().await;
    }

    /// The hints of an emission, for somebody else to send when its writes are made.
    pub fn unsent(&self, emission: Emission) -> Unsent {
        let mut unsent = Unsent::default();
        unsent.add(&self.deliveries, emission.deliveries);
        unsent.add(self.notices.queue(), emission.notices);
        unsent.add(&self.live, emission.live.into_iter().collect());
        unsent
    }

    /// What an attempt of a job is to write and to tell when it ends.
    pub fn record(&self, mut emission: Emission) -> Record {
        let also = emission.take_writes();
        Record { also, tell: self.unsent(emission), ..Record::default() }
    }

    async fn message(&self, tenant: &Tenant, kind: EventType, data: &Json) -> Result<Message> {
        let data = data.to_string();
        if data.len() > LARGEST {
            let what = format!("What is to be told is longer than {LARGEST} bytes");
            return Err(Error::new(Kind::TooLarge, what));
        }
        let seq = self.log.next_number(tenant).await?;
        let (Key { pk, sk }, at) = (message_key(tenant, seq), self.clock.now_ms());
        let expires_at = at / 1000 + KEPT_SECONDS;
        let event_type = kind.0.to_owned();
        Ok(Message {
            pk,
            sk,
            seq,
            id: ids::time_ordered_at(at, seq),
            event_type,
            at,
            data,
            is_trial: false,
            is_addressed: false,
            expires_at,
        })
    }
}
