//! The model: a message as stored. A tenant's messages have numbers, of which some may
//! never have been used.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::{Key, Read, Table};
use shared::tenant::Tenant;

/// How long a message can be looked up and delivered, in seconds: thirty days.
pub(super) const KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// Messages whose numbers lie together are in one partition.
pub const TOGETHER: i64 = 1000;

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
    pub(super) expires_at: i64,
}

impl Message {
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

/// A tenant's message; none when it has expired or was never emitted.
pub async fn find_message(messages: &Table, tenant: &Tenant, seq: i64) -> Result<Option<Message>> {
    messages.get(&message_key(tenant, seq), Read::Consistent).await
}
