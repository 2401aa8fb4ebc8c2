//! Imports under idempotency keys: the same one again is answered with the first, unless that
//! could not go on; then it is begun anew.

use shared::clock::Clock;
use shared::error::{Error, Result};
use shared::idempotency::{IdempotencyKey, Remembered};
use shared::ids;
use shared::table::{Table, Write};
use shared::tenant::Tenant;

use super::model::{Import, ImportStatus};
use super::start::{Imports, NewImport};

/// A key, and what is asked for under it.
pub(super) struct Keyed {
    key: IdempotencyKey,
    /// SHA-256 of what is asked for.
    digest: String,
    /// The import that could not go on.
    failed: Option<String>,
}

impl Keyed {
    /// This key of what is asked for over the connection that is named, if one is.
    pub fn of(key: IdempotencyKey, named: Option<&str>, new: &NewImport) -> Result<Self> {
        let identity = serde_json::to_vec(&(named, new.options, &new.data));
        let digest = ids::hex_digest(&identity.map_err(Error::internal)?);
        Ok(Self { key, digest, failed: None })
    }

    /// The import that was begun first under the key; none when it may be begun.
    ///
    /// # Errors
    /// `Invalid` when the key was used for another one.
    pub async fn first(&mut self, here: &Imports, tenant: &Tenant) -> Result<Option<Import>> {
        let (control, clock) = (&here.control, &here.means.clock);
        let known: Option<Remembered<String>> = self.key.look_up(control, tenant, clock).await?;
        let Some(known) = known else { return Ok(None) };
        if known.body != self.digest {
            let message = "was used before for another import";
            return Err(Error::invalid("header Idempotency-Key", message));
        }
        let first = here.find(tenant, &known.id).await?;
        if first.status() == ImportStatus::Failed {
            self.failed = Some(known.id);
            return Ok(None);
        }
        Ok(Some(first))
    }

    /// The write that remembers the key for this import.
    pub fn remember(
        &self,
        control: &Table,
        tenant: &Tenant,
        clock: &Clock,
        id: String,
    ) -> Result<Write> {
        match &self.failed {
            None => self.key.remember(control, tenant, clock, id, &self.digest),
            Some(failed) => {
                let what = (id, self.digest.as_str());
                self.key.remember_instead(control, tenant, clock, what, failed)
            }
        }
    }
}
