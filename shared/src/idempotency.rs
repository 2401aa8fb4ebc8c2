//! Idempotency keys: a caller that repeats a request under the same key gets the
//! first one's answer. The key's item is written in the transaction that does
//! the work, so it exists exactly when the work is accepted.

use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::ids;
use crate::table::{Cond, Item, Key, Read, Table, Value, Write};
use crate::tenant::Tenant;

/// How long a key is remembered: seven days.
const REMEMBERED_SECONDS: i64 = 7 * 24 * 3600;

/// The longest key that is accepted, in bytes.
pub const MAX_KEY: usize = 255;

/// A caller's idempotency key: where it was given and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Whose key it is: each sender counts its own; empty for API keys, which are
    /// renewed while their holder's keys go on.
    pub sender: String,
    /// Where it was given, for example `idempotency-key`; keys given in
    /// different places never meet.
    pub place: &'static str,
    /// The key.
    pub value: String,
}

/// The idempotency key that a request gives in its header, of this place.
///
/// # Errors
/// `Invalid` when it cannot be one.
pub fn idempotency_key(headers: &HeaderMap, place: &'static str) -> Result<Option<IdempotencyKey>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let value = value.to_str().unwrap_or_default().trim();
    if value.is_empty() || value.len() > MAX_KEY {
        let message = format!("must be 1 to {MAX_KEY} printable ASCII characters");
        return Err(Error::invalid("header Idempotency-Key", message));
    }
    let (sender, value) = (String::new(), value.to_owned());
    Ok(Some(IdempotencyKey { sender, place, value }))
}

/// What is remembered of the first request under a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remembered<Id = i64> {
    pk: String,
    sk: String,
    /// The id of what the first request made.
    pub id: Id,
    /// SHA-256 of what made the first request what it was, hexadecimal.
    pub body: String,
    expires_at: i64,
}

impl IdempotencyKey {
    /// What is remembered under this key.
    pub async fn look_up<Id: DeserializeOwned>(
        &self,
        table: &Table,
        tenant: &Tenant,
        clock: &Clock,
    ) -> Result<Option<Remembered<Id>>> {
        let found: Option<Remembered<Id>> = table.get(&self.key(tenant), Read::Consistent).await?;
        Ok(found.filter(|found| found.expires_at >= clock.now_ms() / 1000))
    }

    fn key(&self, tenant: &Tenant) -> Key {
        let Self { sender, place, value } = self;
        let named = format!("{}|{sender}|{place}|{value}", sender.len());
        let digest = ids::hex_digest(named.as_bytes());
        Key::alone(tenant.pk("IK", digest))
    }

    /// The write that remembers this key for a request with this digest; refused when
    /// it is remembered already, with the [`Remembered`] item as what was found.
    pub fn remember<Id: Serialize>(
        &self,
        table: &Table,
        tenant: &Tenant,
        clock: &Clock,
        id: Id,
        body: &str,
    ) -> Result<Write> {
        self.remember_or(table, tenant, clock, (id, body), None)
    }

    /// The same, in place of what it was remembered for if that is this still.
    pub fn remember_instead<Id: Serialize>(
        &self,
        table: &Table,
        tenant: &Tenant,
        clock: &Clock,
        (id, body): (Id, &str),
        of: &Id,
    ) -> Result<Write> {
        let was = Cond::Eq("id", Value::of(of)?);
        self.remember_or(table, tenant, clock, (id, body), Some(was))
    }

    fn remember_or<Id: Serialize>(
        &self,
        table: &Table,
        tenant: &Tenant,
        clock: &Clock,
        (id, body): (Id, &str),
        or: Option<Cond>,
    ) -> Result<Write> {
        let now = clock.now_ms() / 1000;
        let Key { pk, sk } = self.key(tenant);
        let expires_at = now + REMEMBERED_SECONDS;
        let item = Remembered { pk, sk, id, body: body.to_owned(), expires_at };
        let free = [Cond::Absent("pk"), Cond::Lt("expires_at", now.into())];
        let free = Cond::Any(free.into_iter().chain(or).collect());
        Ok(table.put(Item::of(&item)?, Some(free)))
    }
}
