//! Use case: deliver. Before an attempt is made it is asked whether the webhook may be
//! called now: its order, its places, its circuit breaker, its rate limit. An attempt
//! and what is counted of it are written together.

use shared::breaker::{Breakers, Leave, Pass};
use shared::bulkhead::{Bulkhead, Place};
use shared::clock::{Clock, millis};
use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Row, Work};
use shared::limit::{Limiter, WINDOW};
use shared::outbound::Outbound;
use shared::table::{Item, Key, Query, Read, Table, Value};
use shared::tenant::Tenant;
use shared::vault::Cached;
use std::time::Duration;

use super::attempts::{KEPT_SECONDS, Tried};
use super::client::{Attempt, Refusal, beginning, deliver};
use super::delivery::{Delivery, ErrorClass, delivery_key, order_key, order_partition};
use super::endpoint::{Endpoint, endpoint_key};
use super::health::Health;
use super::secrets::Secrets;
use super::stats;
use super::store::breaker_name;
use crate::messages::catalogue::{self, DELIVERY_FAILED, DELIVERY_SUCCESSFUL, EventType, TEST};
use crate::messages::{Emitter, Log};

/// Deliveries to one webhook that a process has under way at a time.
const PLACES: usize = 8;
/// And to all webhooks of one tenant, so that none takes the places of the others.
const PLACES_OF_TENANT: usize = 32;
/// How long a delivery waits for a place, at most.
const FOR_A_PLACE: Duration = Duration::from_secs(1);
/// How long one waits for the one before it until the sweeper asks again; whoever
/// settles that one asks at once.
const BEHIND_MS: i64 = 10 * 60_000;
/// Characters of an answer that stand on the delivery itself.
const SHOWN: usize = 1000;

/// The work that deliveries are.
pub struct Deliveries {
    messages: Table,
    outbound: Outbound,
    vault: Cached,
    breakers: Breakers,
    places: Bulkhead,
    of_tenants: Bulkhead,
    limiter: Limiter,
    log: Log,
    emitter: Emitter,
    health: Health,
    clock: Clock,
}

/// What an attempt was let go with.
pub struct Granted {
    /// None when it was removed.
    endpoint: Option<Endpoint>,
    pass: Option<Pass>,
    _places: Option<(Place, Place)>,
}

impl Deliveries {
    /// Needs the tables `messages`, `control` and `audit`, the queues of deliveries, of
    /// retries and of live messages, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            outbound: env.guarded_outbound()?,
            vault: env.vault(),
            breakers: Breakers::new(control.clone(), env.clock()),
            places: Bulkhead::new(PLACES),
            of_tenants: Bulkhead::new(PLACES_OF_TENANT),
            limiter: Limiter::new("deliveries", control, env.clock()),
            log: Log::load(env)?,
            emitter: Emitter::load(env)?,
            health: Health::load(env)?,
            clock: env.clock(),
        })
    }

    async fn endpoint(&self, tenant: &Tenant, id: &str) -> Result<Option<Endpoint>> {
        self.messages.get(&endpoint_key(tenant, id), Read::Consistent).await
    }

    /// The delivery that is first in the order of its webhook.
    async fn head(&self, tenant: &Tenant, endpoint: &str) -> Result<Option<Key>> {
        let query = Query::partition(&order_partition(tenant, endpoint)).limit(1);
        let page = self.messages.query::<Key>(query).await?;
        let first = page.items.into_iter().next();
        let message = first.and_then(|first| Some(first.sk.split_once('#')?.1.to_owned()));
        Ok(message.map(|message| delivery_key(tenant, endpoint, &message)))
    }

    /// When its rate limit lets the next one go; none if that is now.
    async fn limited(&self, tenant: &Tenant, endpoint: &Endpoint) -> Option<i64> {
        let who = tenant.pk("WEBHOOK", &endpoint.id);
        let refused = self.limiter.spend(&who, endpoint.rate_limit?).await.err()?;
        let window = Duration::from_secs(WINDOW.unsigned_abs());
        let wait = refused.retry_after.unwrap_or(window) + ids::jitter(window);
        Some(self.clock.now_ms() + millis(wait))
    }

    /// Delivers, and tells the breaker.
    async fn attempt(&self, delivery: &Delivery, granted: &Granted) -> Result<Attempt, Failure> {
        let (tenant, _) = delivery.place()?;
        let active = |endpoint: &&Endpoint| endpoint.is_active || is_test(delivery);
        let Some(endpoint) = granted.endpoint.as_ref().filter(active) else {
            return Err(given_up("the webhook is disabled or was removed"));
        };
        let message = self.log.find(&tenant, delivery.seq).await?;
        let Some(message) = message else { return Err(given_up("the message has expired")) };
        let secrets = self.secrets(&tenant, endpoint).await?;
        let attempt = deliver(&self.outbound, &self.clock, endpoint, &secrets, &message).await?;
        if let Some(pass) = &granted.pass {
            self.breakers.report(pass, !attempt.is_unwell()).await;
        }
        Ok(attempt)
    }

    /// The secrets of a webhook; those of this moment, if others took their place since it
    /// was read.
    async fn secrets(&self, tenant: &Tenant, endpoint: &Endpoint) -> Result<Secrets> {
        if let Some(secrets) = Secrets::read(&self.vault, tenant, &endpoint.secrets).await? {
            return Ok(secrets);
        }
        let now = self.endpoint(tenant, &endpoint.id).await?;
        let record = now.map(|now| now.secrets).unwrap_or_default();
        let secrets = match record.is_empty() {
            true => None,
            false => Secrets::read(&self.vault, tenant, &record).await?,
        };
        secrets.ok_or_else(|| Error::bug("a webhook's secrets are gone"))
    }

    /// What is written of an attempt, however it ended.
    fn record(&self, delivery: &Delivery, attempt: &Attempt) -> Result<Record> {
        let ((tenant, endpoint), now) = (delivery.place()?, self.clock.now_ms());
        let took = attempt.failed.is_none().then_some(attempt.took_ms);
        let tried = Tried::of(&tenant, &endpoint, delivery, attempt, now);
        let also = vec![
            self.messages.put(Item::of(&tried)?, None),
            stats::tried(&self.messages, &tenant, &endpoint, now, took),
        ];
        let mut set = vec![];
        if let Some(status) = attempt.http_status {
            set.push(("http_status", u32::from(status).into()));
        }
        if let Some(response) = &attempt.response {
            set.push(("response", beginning(response, SHOWN).into()));
        }
        Ok(Record { set, also, ..Record::default() })
    }

    /// What is written when a delivery is settled, well after so many milliseconds or badly.
    async fn settled(&self, delivery: &Delivery, took_ms: Option<i64>) -> Result<Record> {
        let ((tenant, endpoint), now) = (delivery.place()?, self.clock.now_ms());
        let (kind, at) = (&delivery.event_type, delivery.created_at);
        let mut also = vec![stats::settled(&self.messages, &tenant, kind, at, took_ms)];
        if delivery.ordered {
            also.push(self.messages.delete(order_key(&tenant, delivery), None));
        }
        let set: Vec<(_, Value)> = vec![("expires_at", (now / 1000 + KEPT_SECONDS).into())];
        let record = Record { set, also, ..Record::default() };
        let of = if took_ms.is_some() { DELIVERY_SUCCESSFUL } else { DELIVERY_FAILED };
        if catalogue::of_name(kind).is_none_or(EventType::is_of_telling) || is_test(delivery) {
            return Ok(record);
        }
        let data = serde_json::json!({
            "webhook_id": endpoint,
            "delivery_id": delivery.id(),
            "event_type": kind,
        });
        let emission = self.emitter.prepare(&tenant, of, &data).await?;
        Ok(record.and(self.emitter.record(emission)))
    }

    /// The failure that a refusal is: tried again as the webhook's schedule says.
    async fn refused(
        &self,
        delivery: &Delivery,
        endpoint: &Endpoint,
        refusal: Refusal,
        record: Record,
    ) -> Result<Failure> {
        let active = self.health.failed(endpoint, refusal.gone).await?;
        let failed = delivery.failed_tries + 1;
        let wait = endpoint.schedule.wait(failed, refusal.retry_after).filter(|_| active);
        let class = Value::of(&refusal.class)?;
        let record = record.and(Record { set: vec![("class", class)], ..Record::default() });
        let retry = wait.is_some();
        Ok(Failure { retry, wait, record, ..Failure::permanent(refusal.reason) })
    }
}

impl Work for Deliveries {
    type Row = Delivery;
    type Leave = Granted;

    async fn ready(&self, delivery: &Delivery) -> Result<Ready<Granted>> {
        let ((tenant, id), now) = (delivery.place()?, self.clock.now_ms());
        let endpoint = self.endpoint(&tenant, &id).await?;
        let Some(endpoint) = endpoint.filter(|endpoint| endpoint.is_active || is_test(delivery))
        else {
            // It ends as what it is: on its way to nobody.
            return Ok(Ready::Now(Granted { endpoint: None, pass: None, _places: None }));
        };
        if delivery.ordered
            && self.head(&tenant, &id).await?.is_some_and(|key| key != delivery.key())
        {
            return Ok(Ready::After(now + BEHIND_MS));
        }
        let place = self.places.try_enter(&tenant.pk("WEBHOOK", &id));
        let places =
            place.and_then(|place| Some((place, self.of_tenants.try_enter(tenant.as_str())?)));
        let Some(places) = places else {
            return Ok(Ready::At(now + 1 + millis(ids::jitter(FOR_A_PLACE))));
        };
        if let Some(at) = self.limited(&tenant, &endpoint).await {
            return Ok(Ready::At(at));
        }
        // Last, as it may let this one alone through.
        let pass = match self.breakers.ask(&tenant, &breaker_name(&id)).await {
            Leave::Go(pass) => pass,
            Leave::Wait(until) => return Ok(Ready::At(until)),
        };
        let (endpoint, pass) = (Some(endpoint), Some(pass));
        Ok(Ready::Now(Granted { endpoint, pass, _places: Some(places) }))
    }

    async fn run(
        &self,
        delivery: &Delivery,
        _: &Claim,
        granted: Option<Granted>,
    ) -> Result<Done, Failure> {
        let granted = granted.ok_or_else(|| Error::bug("a delivery that was not asked for"))?;
        let attempt = self.attempt(delivery, &granted).await;
        if let (Err(_), Some(pass)) = (&attempt, &granted.pass) {
            self.breakers.forgo(pass).await;
        }
        let attempt = attempt?;
        let record = self.record(delivery, &attempt)?;
        let endpoint = granted.endpoint.as_ref();
        let endpoint = endpoint.ok_or_else(|| Error::bug("an attempt without a webhook"))?;
        if let Some(refusal) = attempt.failed {
            return Err(self.refused(delivery, endpoint, refusal, record).await?);
        }
        self.health.went_well(endpoint).await?;
        let now = self.clock.now_ms();
        let set = vec![("delivered_at", now.into()), ("tried", (delivery.tried + 1).into())];
        let record = record.and(Record { set, ..Record::default() });
        let record = record.and(self.settled(delivery, Some(attempt.took_ms)).await?);
        Ok(Done { record, ..Done::default() })
    }

    async fn failed(&self, delivery: &Delivery, failure: &Failure, last: bool) -> Result<Record> {
        let mut set: Vec<(_, Value)> = Vec::new();
        if !failure.record.also.is_empty() {
            // It was an attempt, of which something is written down.
            set.push(("tried", (delivery.tried + 1).into()));
            set.push(("failed_tries", (delivery.failed_tries + 1).into()));
        }
        if failure.record.set.iter().all(|(name, _)| *name != "class") {
            set.push(("class", Value::of(&ErrorClass::Internal)?));
        }
        let record = Record { set, ..Record::default() };
        Ok(if last { record.and(self.settled(delivery, None).await?) } else { record })
    }

    /// Whoever is first in the order now.
    async fn next(&self, delivery: &Delivery) -> Result<Option<Key>> {
        if !delivery.ordered {
            return Ok(None);
        }
        let (tenant, endpoint) = delivery.place()?;
        self.head(&tenant, &endpoint).await
    }
}

/// A failure that nothing can be done about, without an attempt.
fn given_up(reason: &str) -> Failure {
    let class = Value::of(&ErrorClass::Disabled).ok();
    let set = class.map(|class| ("class", class)).into_iter().collect();
    Failure { record: Record { set, ..Record::default() }, ..Failure::permanent(reason) }
}

/// Whether somebody tries the webhook out: also one that is not active yet.
fn is_test(delivery: &Delivery) -> bool {
    delivery.event_type == TEST.0
}
