//! From a request's headers to its caller. An accepted credential is kept for
//! fifteen seconds, so a revoked one works for at most that long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use shared::boxed::Boxed;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::web::{Caller, Gatekeeper};
use subtle::ConstantTimeEq;

use super::ApiKey;
use super::store::{Credentials, basic_pk, decode_basic, header_pk, key_pk};

/// How long an accepted credential is kept, in milliseconds.
const KEPT_MS: i64 = 15_000;
/// How many are kept; beyond that all are forgotten and asked for again.
const KEPT_MOST: usize = 10_000;

/// The gatekeeper that every function with guarded routes uses.
pub fn gatekeeper(env: &Env) -> Result<Arc<dyn Gatekeeper>> {
    let credentials = Credentials(env.table("CONTROL_TABLE")?);
    Ok(Arc::new(Keeper { credentials, clock: env.clock(), kept: Mutex::default() }))
}

struct Keeper {
    credentials: Credentials,
    clock: Clock,
    /// Callers by the digest of what they presented, and until when.
    kept: Mutex<HashMap<[u8; 32], (i64, Caller)>>,
}

/// What a request presents: where its record is found, and what proves it.
struct Presented {
    pk: String,
    digest: String,
}

impl Gatekeeper for Keeper {
    fn admit<'a>(&'a self, parts: &'a Parts, senders: bool) -> Boxed<'a, Result<Caller>> {
        Box::pin(async move {
            let presented = presented(&parts.headers, senders)?;
            let kept_as = ids::digest(format!("{}|{}", presented.pk, presented.digest).as_bytes());
            if let Some(caller) = self.recall(&kept_as) {
                return Ok(caller);
            }
            let caller = self.look_up(&presented).await?;
            self.keep(kept_as, caller.clone());
            Ok(caller)
        })
    }
}

impl Keeper {
    async fn look_up(&self, presented: &Presented) -> Result<Caller> {
        let stored = self.credentials.find(&presented.pk).await?.ok_or_else(nobody)?;
        let same: bool = stored.digest.as_bytes().ct_eq(presented.digest.as_bytes()).into();
        if !same {
            return Err(nobody());
        }
        let permissions = stored.role.permissions();
        Ok(Caller { tenant: stored.tenant, actor: stored.actor, permissions })
    }

    fn recall(&self, kept_as: &[u8; 32]) -> Option<Caller> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, caller) = kept.get(kept_as)?;
        (*until > self.clock.now_ms()).then(|| caller.clone())
    }

    fn keep(&self, kept_as: [u8; 32], caller: Caller) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MOST {
            kept.clear();
        }
        kept.insert(kept_as, (self.clock.now_ms() + KEPT_MS, caller));
    }
}

/// What the headers present. An API key counts everywhere; HTTP Basic and
/// `X-Sender-Key` only where senders are known.
fn presented(headers: &HeaderMap, senders: bool) -> Result<Presented> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, rest) = authorization.and_then(|a| a.split_once(' ')).unwrap_or_default();
    let bearer = scheme.eq_ignore_ascii_case("bearer").then_some(rest.trim());
    if let Some(key) = bearer.or_else(|| text("x-api-key")) {
        let key = ApiKey::parse(key).ok_or_else(nobody)?;
        return Ok(Presented { pk: key_pk(&key.id), digest: key.digest() });
    }
    if senders && scheme.eq_ignore_ascii_case("basic") {
        let (username, password) = decode_basic(rest).ok_or_else(nobody)?;
        let digest = ids::hex_digest(password.as_bytes());
        return Ok(Presented { pk: basic_pk(&username), digest });
    }
    if let Some(value) = text("x-sender-key").filter(|_| senders) {
        let digest = ids::hex_digest(value.as_bytes());
        return Ok(Presented { pk: header_pk(value), digest });
    }
    Err(Error::new(Kind::Unauthorized, "Credentials are required"))
}

fn nobody() -> Error {
    Error::new(Kind::Unauthorized, "These credentials are not valid")
}
