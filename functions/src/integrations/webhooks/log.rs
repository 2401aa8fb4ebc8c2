//! Use cases: see deliveries and the attempts at them, have one driven anew, and have
//! a message sent that says that it is a trial.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use shared::error::{Error, Kind, Result};
use shared::jobs::{Row, State};
use shared::queue::Hint;
use shared::table::{Item, Query, Read};
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::IntoParams;
use uuid::Uuid;

use super::attempts::{self, TriedView};
use super::delivery::{Delivery, DeliveryStatus, ErrorClass, delivery_key};
use super::endpoint::Endpoint;
use super::stats;
use super::store::{INTERFERED, Webhooks};
use super::view::DeliveryView;
use crate::messages::catalogue::{self, EventType, TEST};

/// Rows that one list looks at, at most; a cursor leads on.
const LOOKED_AT: usize = 2000;
/// Rows of one look.
const LOOK: i32 = 200;
/// The most on one page, in bytes: a Lambda's answer ends at 6 MB; and what a delivery takes
/// of it beside its message.
const LARGEST_PAGE: usize = 4 * 1024 * 1024;
const ROW: usize = 6 * 1024;
/// How often a delivery that others interfere with is driven anew.
const TRIES: u32 = 4;

/// Which deliveries are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    /// How many to leave out, from the newest on.
    #[param(minimum = 0)]
    pub skip: Option<i64>,
    /// How many to list, 1 to 1000; 100 when not given.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Only those that stand so.
    #[param(inline)]
    pub status: Option<DeliveryStatus>,
    /// Only those of messages of this type.
    pub event_type: Option<String>,
    /// Only those whose last attempt failed so.
    #[param(inline)]
    pub error_class: Option<ErrorClass>,
    /// Where an earlier page ended, as its `Link` says.
    pub cursor: Option<String>,
}

impl DeliveryFilter {
    fn passes(&self, delivery: &Delivery) -> bool {
        self.status.is_none_or(|status| status == delivery.status())
            && self.event_type.as_ref().is_none_or(|kind| *kind == delivery.event_type)
            && self.error_class.is_none_or(|class| {
                delivery.class == Some(class) && delivery.status() != DeliveryStatus::Delivered
            })
    }
}

impl Webhooks {
    /// The deliveries of a webhook that pass, the newest first, and where to go on.
    pub(super) async fn deliveries(
        &self,
        tenant: &Tenant,
        id: &str,
        filter: &DeliveryFilter,
        (skip, limit): (usize, usize),
    ) -> Result<(Vec<DeliveryView>, Option<String>)> {
        let endpoint = self.find(tenant, id).await?;
        let (mut at, mut skip) = match &filter.cursor {
            Some(cursor) => read_cursor(cursor)?,
            None => (None, skip),
        };
        let partition = delivery_key(tenant, &endpoint.id, "").pk;
        let (mut found, mut looked_at) = (Vec::new(), 0);
        while found.len() < limit && looked_at < LOOKED_AT {
            let behind = at.as_deref().map(|last| delivery_key(tenant, &endpoint.id, last));
            let behind = behind.map(|key| Item::of(&key)).transpose()?;
            let query = Query::partition(&partition).descending().limit(LOOK).after(behind);
            let page = self.messages.query::<Delivery>(query).await?;
            looked_at += page.items.len();
            for delivery in page.items {
                if found.len() == limit {
                    break;
                }
                at = Some(delivery.id().to_owned());
                if filter.passes(&delivery) {
                    if skip > 0 { skip -= 1 } else { found.push(delivery) }
                }
            }
            if page.next.is_none() && found.len() < limit {
                at = None;
                break;
            }
        }
        let (shown, last) = self.shown(tenant, &endpoint, found).await?;
        let at = last.or(at);
        Ok((shown, at.map(|last| format!("{last}+{skip}"))))
    }

    /// One delivery and the attempts at it.
    pub(super) async fn delivery(
        &self,
        tenant: &Tenant,
        id: &str,
        delivery: &str,
    ) -> Result<(DeliveryView, Vec<TriedView>)> {
        let (endpoint, found) = self.find_delivery(tenant, id, delivery).await?;
        let tried = attempts::of_delivery(&self.messages, tenant, &endpoint.id, found.id()).await?;
        let (shown, _) = self.shown(tenant, &endpoint, vec![found]).await?;
        let shown = shown.into_iter().next();
        let shown = shown.ok_or_else(|| Error::bug("a delivery that is not shown"))?;
        Ok((shown, tried))
    }

    /// Drives a delivery anew that failed or waits.
    ///
    /// # Errors
    /// `Malformed` when it was taken, `Conflict` when it is under way or the webhook is
    /// disabled.
    pub(super) async fn retry(&self, by: &Caller, id: &str, delivery: &str) -> Result<()> {
        for _ in 0..TRIES {
            let (endpoint, found) = self.find_delivery(&by.tenant, id, delivery).await?;
            let conflict = |told: &str| Err(Error::new(Kind::Conflict, told));
            match found.job.state {
                State::Done => {
                    return Err(Error::malformed("Cannot retry successfully delivered webhook"));
                }
                State::Leased => return conflict("The delivery is being made right now"),
                _ if found.event_type != TEST.0 => self.must_be_active(&endpoint)?,
                _ => {}
            }
            let subject = format!("webhook:{}", endpoint.id);
            let details = json!({ "delivery_id": found.id() });
            let told = self.trail.entry(by, "webhook.retry", subject, &details)?;
            if self.drive_anew(&by.tenant, &found, vec![told]).await? {
                return Ok(());
            }
        }
        Err(Error::new(Kind::Conflict, "The delivery is being made right now"))
    }

    /// Starts a delivery anew with what belongs to that. False when it moved on.
    pub(super) async fn drive_anew(
        &self,
        tenant: &Tenant,
        delivery: &Delivery,
        mut also: Vec<shared::table::Write>,
    ) -> Result<bool> {
        let anew = ["failed_tries", "expires_at", "ordered"];
        let mut anew = anew.to_vec();
        if delivery.job.state == State::Failed {
            let (kind, at) = (&delivery.event_type, delivery.created_at);
            also.push(stats::redriven(&self.messages, tenant, kind, at));
        } else {
            // It keeps its place in the order.
            anew.pop();
        }
        let driven = self.jobs.redrive(delivery, vec![], &anew, also).await?;
        if driven {
            self.lane.hint(Hint::at(delivery.key())).await;
        }
        Ok(driven)
    }

    /// Has a message delivered to this webhook alone.
    pub(super) async fn send(
        &self,
        by: &Caller,
        endpoint: &Endpoint,
        kind: EventType,
        data: &Json,
    ) -> Result<()> {
        let mut emission = self.emitter.trial(&by.tenant, kind, data, endpoint).await?;
        let details = json!({ "event_type": kind.0 });
        let writes = emission.take_writes();
        let action = if kind == TEST { "webhook.test" } else { "webhook.send-example" };
        self.change(by, action, &endpoint.id, &details, writes, INTERFERED).await?;
        self.emitter.announce(emission).await;
        Ok(())
    }

    /// That messages are delivered to it.
    ///
    /// # Errors
    /// `Conflict`.
    pub(super) fn must_be_active(&self, endpoint: &Endpoint) -> Result<()> {
        if endpoint.is_active {
            return Ok(());
        }
        Err(Error::new(Kind::Conflict, "The webhook is disabled; enable it first"))
    }

    /// The type of this name that an example can be sent of.
    pub(super) fn example(name: &str) -> Result<(EventType, Json)> {
        let kind = catalogue::of_name(name).filter(|kind| *kind != TEST);
        let kind = kind.ok_or_else(|| Error::invalid("event_type", "is no type of message"))?;
        Ok((kind, catalogue::example(kind)))
    }

    async fn find_delivery(
        &self,
        tenant: &Tenant,
        id: &str,
        delivery: &str,
    ) -> Result<(Endpoint, Delivery)> {
        let endpoint = self.find(tenant, id).await?;
        let key = delivery_key(tenant, &endpoint.id, delivery);
        let found = match delivery.is_empty() || delivery.len() > 64 {
            true => None,
            false => self.messages.get(&key, Read::Consistent).await?,
        };
        let found = found.ok_or_else(|| Error::not_found("Webhook delivery not found"))?;
        Ok((endpoint, found))
    }

    /// Deliveries with their messages' data, as many as one answer holds; the last one's id,
    /// if there are more.
    async fn shown(
        &self,
        tenant: &Tenant,
        endpoint: &Endpoint,
        deliveries: Vec<Delivery>,
    ) -> Result<(Vec<DeliveryView>, Option<String>)> {
        let numbers = deliveries.iter().map(|one| one.seq);
        let messages = self.log.find_many(tenant, numbers).await?;
        let data: std::collections::HashMap<_, _> =
            messages.iter().map(|message| (message.seq, message)).collect();
        let (mut shown, mut size) = (Vec::with_capacity(deliveries.len()), 0);
        for delivery in deliveries {
            let message = data.get(&delivery.seq);
            size += ROW + message.map_or(0, |message| message.data.len());
            if size > LARGEST_PAGE && !shown.is_empty() {
                let last: Option<&DeliveryView> = shown.last();
                let last = last.map(|last| last.id.clone());
                return Ok((shown, last));
            }
            let data = message.map(|message| message.data()).transpose()?;
            shown.push(DeliveryView::of(delivery, &endpoint.id, data));
        }
        Ok((shown, None))
    }
}

/// Where an earlier page ended, and how many that pass are still to be left out.
fn read_cursor(cursor: &str) -> Result<(Option<String>, usize)> {
    let parts = cursor.split_once('+').filter(|(id, _)| Uuid::try_parse(id).is_ok());
    let read = parts.and_then(|(id, skip)| Some((Some(id.to_owned()), skip.parse().ok()?)));
    read.ok_or_else(|| Error::invalid("cursor", "is none that an earlier page gave"))
}
