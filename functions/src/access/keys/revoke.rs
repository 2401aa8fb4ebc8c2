//! Use cases: revoke a key for good, and switch one off and on. Both take effect
//! everywhere within fifteen seconds, for which processes keep what they know.

use serde_json::json;
use shared::error::Result;
use shared::table::Update;
use shared::web::Caller;

use super::Keys;
use super::model::{KeyRecord, record_key};
use super::store::{Change, TRIES, as_read, interfered};
use crate::access::credential::{key_place, switch};

impl Keys {
    /// Revokes a key: it is gone from the list, and its text is worth nothing.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for the last lasting admin key; `Forbidden` when it may
    /// do more than the caller.
    pub(super) async fn revoke(&self, by: &Caller, id: i64) -> Result<()> {
        for _ in 0..TRIES {
            let key = self.find(&by.tenant, id).await?;
            self.must_reach(by, &key)?;
            let record = record_key(&by.tenant, id);
            let mut writes = vec![self.control.delete(record, Some(as_read(&key)))];
            writes.extend(key.credentials().map(|place| self.control.delete(place, None)));
            let counted = key.is_lasting_admin() && key.is_active;
            let change = Change { writes, lasting_admins: counted.then_some(false) };
            let details = json!({ "name": key.name, "role": key.role });
            if self.change(by, "api-key.revoke", &key, &details, change).await? {
                return Ok(());
            }
        }
        Err(interfered())
    }

    /// Switches an active key off, an inactive one on, and answers what it is now.
    ///
    /// # Errors
    /// As [`Keys::revoke`].
    pub(super) async fn toggle(&self, by: &Caller, id: i64) -> Result<KeyRecord> {
        for _ in 0..TRIES {
            let key = self.find(&by.tenant, id).await?;
            self.must_reach(by, &key)?;
            let (on, now) = (!key.is_active, self.clock.now_ms());
            let update = Update::of(record_key(&by.tenant, id))
                .set("is_active", on)
                .set("updated_at", now)
                .remove("replaced")
                .when(as_read(&key));
            let current = switch(key_place(&key.current), on);
            let mut writes = vec![self.control.change(update), self.control.change(current)];
            // A text that is being replaced does not come back.
            let replaced = key.replaced.as_deref().map(key_place);
            writes.extend(replaced.map(|place| self.control.delete(place, None)));
            let change = Change { writes, lasting_admins: key.is_lasting_admin().then_some(on) };
            let action = if on { "api-key.enable" } else { "api-key.disable" };
            let details = json!({ "name": key.name });
            if self.change(by, action, &key, &details, change).await? {
                return Ok(KeyRecord { is_active: on, updated_at: now, replaced: None, ..key });
            }
        }
        Err(interfered())
    }
}
