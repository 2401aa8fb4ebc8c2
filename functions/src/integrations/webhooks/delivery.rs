//! The model: the delivery of one message to one webhook, which is also the row of its
//! job. A message is delivered to a webhook once, whatever the reason: its key says so.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Policy, Row, State};
use shared::outbound::Class;
use shared::queue::Hint;
use shared::table::{Cond, Item, Key, Table, Write};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::endpoint::Endpoint;
use crate::messages::Message;

/// The longest that a receiver may be given, in seconds.
pub(super) const LONGEST_TIMEOUT: u32 = 300;

/// A delivery's row in the table `messages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    pk: String,
    /// The message's id, which sorts by time.
    sk: String,
    pub(super) seq: i64,
    pub(super) event_type: String,
    /// When the message was emitted, milliseconds since 1970.
    pub(super) created_at: i64,
    /// Whether it has a place in the order of its webhook.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) ordered: bool,
    /// How many attempts ended, over all times that it was driven.
    #[serde(default)]
    pub(super) tried: u32,
    /// How many of them since it was last driven anew.
    #[serde(default)]
    pub(super) failed_tries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) delivered_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) http_status: Option<u16>,
    /// The beginning of the last answer's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<ErrorClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<i64>,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// In what way a delivery failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The address may not be called.
    InvalidTarget,
    /// A header cannot be sent.
    InvalidHeader,
    /// The host's name is not known.
    Dns,
    /// No connection came about.
    Connection,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Broken,
    /// A redirect, which is not followed.
    Redirect,
    /// Another answer than 2xx.
    Http,
    /// The webhook was disabled or removed before.
    Disabled,
    /// Something of ours.
    Internal,
}

/// Where a delivery stands, in the words of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It was not taken yet.
    Pending,
    /// It was taken.
    Delivered,
    /// It was given up.
    Failed,
}

impl Delivery {
    /// Its message's id.
    pub fn id(&self) -> &str {
        &self.sk
    }

    /// Where it stands.
    pub fn status(&self) -> DeliveryStatus {
        match self.job.state {
            State::Ready | State::Leased => DeliveryStatus::Pending,
            State::Done => DeliveryStatus::Delivered,
            State::Failed => DeliveryStatus::Failed,
        }
    }

    /// Whose it is, and the webhook that it is for.
    pub fn place(&self) -> Result<(Tenant, String)> {
        let tenant = Tenant::of_pk(&self.pk);
        let place = tenant.and_then(|tenant| {
            let webhook = tenant.id_in("D", &self.pk)?.to_owned();
            Some((tenant, webhook))
        });
        place.ok_or_else(|| Error::bug("a delivery outside every tenant"))
    }
}

impl Row for Delivery {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl From<Class> for ErrorClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Target => Self::InvalidTarget,
            Class::Request => Self::InvalidHeader,
            Class::Dns => Self::Dns,
            Class::Connection => Self::Connection,
            Class::Timeout => Self::Timeout,
            Class::Broken => Self::Broken,
            Class::Answer | Class::TooLarge => Self::Http,
        }
    }
}

/// The writes that put a message on its way to a webhook, and the hint for it. Refused if
/// it ever was on its way there.
pub fn first_delivery(
    messages: &Table,
    endpoint: &Endpoint,
    message: &Message,
    policy: &Policy,
) -> Result<(Vec<Write>, Hint)> {
    let tenant = endpoint.tenant()?;
    let key = delivery_key(&tenant, &endpoint.id, &message.id);
    let delivery = Delivery {
        pk: key.pk.clone(),
        sk: key.sk.clone(),
        seq: message.seq,
        event_type: message.event_type.clone(),
        created_at: message.at,
        // Whoever tries it out does not wait for what fails.
        ordered: endpoint.ordered && !message.is_trial,
        tried: 0,
        failed_tries: 0,
        delivered_at: None,
        http_status: None,
        response: None,
        class: None,
        expires_at: None,
        job: Job::fresh(message.at, message.seq, policy),
    };
    let mut writes = vec![messages.put(Item::of(&delivery)?, Some(Cond::Absent("pk")))];
    if delivery.ordered {
        writes.push(messages.put(Item::of(&order_key(&tenant, &delivery))?, None));
    }
    // Not fresh: whether it may be called now is asked before the first attempt as well.
    Ok((writes, Hint::at(key)))
}

/// The key of the delivery of a message to a webhook.
pub(super) fn delivery_key(tenant: &Tenant, endpoint: &str, message: &str) -> Key {
    Key { pk: tenant.pk("D", endpoint), sk: message.to_owned() }
}

/// The place of a delivery in the order of its webhook.
pub(super) fn order_key(tenant: &Tenant, delivery: &Delivery) -> Key {
    let endpoint = tenant.id_in("D", &delivery.pk).unwrap_or_default();
    Key {
        pk: order_partition(tenant, endpoint),
        sk: format!("{:015}#{}", delivery.seq, delivery.sk),
    }
}

/// The partition of a webhook's order.
pub(super) fn order_partition(tenant: &Tenant, endpoint: &str) -> String {
    tenant.pk("ORDER", endpoint)
}
