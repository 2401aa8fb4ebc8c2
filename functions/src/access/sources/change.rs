//! Use cases: switch a source off and on, and remove it. Both take effect
//! everywhere within fifteen seconds, for which processes keep what they know.

use serde_json::json;
use shared::error::Result;
use shared::table::Cond;
use shared::web::Caller;

use super::Sources;
use super::model::{Source, record_key};
use super::store::INTERFERED;
use crate::access::credential::switch;

impl Sources {
    /// Switches an active source off, an inactive one on, and answers what it is now.
    /// Secrets that were being replaced end with that.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when somebody else changed it at the same moment.
    pub(super) async fn toggle(&self, by: &Caller, name: &str) -> Result<Source> {
        Self::must_reach(by)?;
        let old = self.find(&by.tenant, name).await?;
        let new = Source { is_active: !old.is_active, ..old.clone() }.without_replaced();
        let kept = new.credentials();
        let ended = old.credentials().into_iter().filter(|place| !kept.contains(place));
        let mut writes = vec![self.replace(&old, &new)?];
        writes.extend(ended.map(|place| self.control.delete(place, None)));
        writes.extend(
            kept.iter().map(|place| self.control.change(switch(place.clone(), new.is_active))),
        );
        let action = if new.is_active { "source.enable" } else { "source.disable" };
        self.change(by, action, name, &json!({}), writes, INTERFERED).await?;
        Ok(new)
    }

    /// Removes a source and its credentials.
    ///
    /// # Errors
    /// As [`Sources::toggle`].
    pub(super) async fn remove(&self, by: &Caller, name: &str) -> Result<()> {
        Self::must_reach(by)?;
        let source = self.find(&by.tenant, name).await?;
        let as_read = Cond::Eq("version", source.version.into());
        let record = record_key(&by.tenant, name);
        let mut writes = vec![self.control.delete(record, Some(as_read))];
        let places = source.credentials().into_iter();
        writes.extend(places.map(|place| self.control.delete(place, None)));
        self.change(by, "source.remove", name, &json!({}), writes, INTERFERED).await?;
        if let Some(signing) = &source.signature {
            self.vault.discard(&by.tenant, &signing.secrets).await;
        }
        Ok(())
    }
}
