//! Use case: give a key a new text. The old one stays valid for a grace period, so
//! that its holders can change over one by one.

use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Result};
use shared::table::Update;
use shared::web::Caller;
use utoipa::ToSchema;

use super::Keys;
use super::model::{KeyRecord, record_key};
use super::store::{Change, TRIES, as_read, interfered};
use crate::access::ApiKey;
use crate::access::credential::{end_at, key_place};

/// The longest grace period: seven days, in seconds.
const LONGEST_GRACE: i64 = 7 * 24 * 3600;

/// How a key is renewed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// How long the old text stays valid, 0 to 604800 (seven days); 0 when not given.
    #[schema(minimum = 0, maximum = 604_800)]
    pub grace_seconds: Option<i64>,
}

impl Keys {
    /// Gives the key of this number a new text; number, name and rights stay.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a grace period out of range; `Forbidden` when the key
    /// may do more than the caller.
    pub(super) async fn renew(
        &self,
        by: &Caller,
        id: i64,
        renewal: &Renewal,
    ) -> Result<(KeyRecord, ApiKey)> {
        let grace = grace(renewal.grace_seconds)?;
        for _ in 0..TRIES {
            let (old, now) = (self.find(&by.tenant, id).await?, self.clock.now_ms());
            self.must_reach(by, &old)?;
            let text = ApiKey::generate();
            let replaced = (grace > 0).then(|| old.current.clone());
            let key =
                KeyRecord { current: text.id.clone(), updated_at: now, replaced, ..old.clone() };
            let update = Update::of(record_key(&by.tenant, id))
                .set("current", key.current.as_str())
                .set("updated_at", now)
                .assign("replaced", key.replaced.clone().map(Into::into))
                .when(as_read(&old));
            let mut writes = vec![
                self.control.change(update),
                key.credential(&by.tenant, text.digest()).create(&self.control)?,
            ];
            let place = key_place(&old.current);
            writes.push(if grace > 0 {
                let end = now + grace * 1000;
                let end = old.until.map_or(end, |until| until.min(end));
                self.control.change(end_at(place, end))
            } else {
                self.control.delete(place, None)
            });
            // Two texts at most: one that was being replaced before is not waited for.
            let before = old.replaced.as_deref().map(key_place);
            writes.extend(before.map(|place| self.control.delete(place, None)));
            let change = Change { writes, lasting_admins: None };
            let details = json!({ "prefix": text.prefix(), "grace_seconds": grace });
            if self.change(by, "api-key.reroll", &old, &details, change).await? {
                return Ok((key, text));
            }
        }
        Err(interfered())
    }
}

/// A grace period in seconds.
pub(in crate::access) fn grace(seconds: Option<i64>) -> Result<i64> {
    let seconds = seconds.unwrap_or(0);
    if (0..=LONGEST_GRACE).contains(&seconds) {
        return Ok(seconds);
    }
    Err(Error::invalid("grace_seconds", format!("must be between 0 and {LONGEST_GRACE}")))
}
