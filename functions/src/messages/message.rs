//! The model: a message as stored. A tenant's messages have numbers, of which some may
//! never have been used.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::Key;
use shared::tenant::Tenant;

use super::catalogue::{EventType, of_name};

/// How long a message can be looked up and delivered, in seconds: thirty days.
pub(super) const KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// Messages whose numbers lie together are in one partition.
const TOGETHER: i64 = 1000;

/// A message's row in the table `messages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    pub(super) pk: String,
    pub(super) sk: String,
    /// Its number; numbers go up.
    pub seq: i64,
    /// What receivers know it by; sorts by time.
    pub id: String,
    /// Its type.
    pub event_type: String,
    /// When it was emitted, milliseconds since 1970.
    pub at: i64,
    /// What happened, as a JSON object's text.
    pub data: String,
    /// Whether it is a trial, for one webhook and nobody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_trial: bool,
    /// Whether it is for one webhook and nobody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_addressed: bool,
    pub(super) expires_at: i64,
}

impl Message {
    /// Its type, for those whom it is meant for; none when it is meant for its webhook alone.
    pub fn kind(&self) -> Option<EventType> {
        of_name(&self.event_type).filter(|_| !self.is_trial && !self.is_addressed)
    }

    /// What happened.
    ///
    /// # Errors
    /// `Internal` when the row is not what was written.
    pub fn data(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.data).map_err(Error::internal)
    }
}

/// The key of a tenant's message.
pub fn message_key(tenant: &Tenant, seq: i64) -> Key {
    Key { pk: tenant.pk("M", seq.div_euclid(TOGETHER)), sk: format!("{seq:015}") }
}

/// The first number behind the partition that this one is in.
pub(super) fn end_of_partition(seq: i64) -> i64 {
    (seq.div_euclid(TOGETHER) + 1) * TOGETHER
}
