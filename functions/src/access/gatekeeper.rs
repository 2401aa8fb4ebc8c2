//! From a request to its caller. What was found of a credential is kept for
//! fifteen seconds, so one that was revoked works for at most that long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::request::Parts;
use bytes::Bytes;
use shared::boxed::Boxed;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::limit::{Limiter, Quota};
use shared::oidc;
use shared::signature::Signature;
use shared::table::{Key, Table};
use shared::tenant::Tenant;
use shared::vault::{Cached, ExposeSecret, SecretName, SecretString};
use shared::web::{Admission, Caller, Gatekeeper, Guard, Standing, client_address};

use super::credential::{self, Credential, key_place, token_place};
use super::presented::{Presented, no_key, nobody};
use super::sources::Secrets;
use super::tenants::{Registrations, operator};
use super::tokens::{Person, Tokens};
use super::usage::Usage;

/// How long what was found is kept, in milliseconds.
pub(super) const KEPT_MS: i64 = 15_000;
/// How many are kept; beyond that all are forgotten and asked for again.
pub(super) const KEPT_MOST: usize = 10_000;

/// The gatekeeper that every function with guarded routes uses. Needs the table
/// `control`, and the vault where senders sign.
pub fn gatekeeper(env: &Env) -> Result<Arc<dyn Gatekeeper>> {
    let control = env.table("CONTROL_TABLE")?;
    let limiter = |policy| Limiter::new(policy, control.clone(), env.clock());
    Ok(Arc::new(Keeper {
        registrations: Registrations(control.clone()),
        tokens: Tokens::load(env)?,
        vault: env.vault(),
        usage: Usage::load(env)?,
        requests: limiter("requests-per-minute"),
        requests_most: env.parsed("RATE_LIMIT_PER_MINUTE", 100_000)?,
        failures: limiter("failed-authentication"),
        failures_most: env.parsed("AUTH_FAILURES_PER_MINUTE", 30)?,
        operator: operator(env)?,
        clock: env.clock(),
        kept: Mutex::default(),
        control,
    }))
}

struct Keeper {
    control: Table,
    registrations: Registrations,
    tokens: Tokens,
    vault: Cached,
    usage: Usage,
    requests: Limiter,
    requests_most: u32,
    failures: Limiter,
    failures_most: u32,
    operator: Tenant,
    clock: Clock,
    /// What was found, by the digest of what was presented.
    kept: Mutex<HashMap<[u8; 32], Known>>,
}

/// What was found of a credential, and until when it is kept.
#[derive(Clone)]
struct Known {
    until: i64,
    caller: Caller,
    /// Where the secrets are that its holder signs with.
    secrets: Option<String>,
}

impl Gatekeeper for Keeper {
    fn admit<'a>(
        &'a self,
        parts: &'a Parts,
        guard: Guard,
        body: Option<&'a Bytes>,
    ) -> Boxed<'a, Result<Admission>> {
        Box::pin(async move {
            let admitted = match Presented::of(parts, guard.senders) {
                Ok(None) => {
                    return Err(Error::new(Kind::Unauthorized, "Credentials are required"));
                }
                Ok(Some(presented)) => self.look(parts, &presented, guard, body).await,
                Err(error) => Err(error),
            };
            match admitted {
                Err(error) if error.kind == Kind::Unauthorized => self.failed(parts, error).await,
                other => other,
            }
        })
    }

    fn count<'a>(
        &'a self,
        caller: &'a Caller,
        guard: Guard,
        endpoint: &'a str,
    ) -> Boxed<'a, Result<Option<Quota>>> {
        Box::pin(async move {
            let quota = if guard.limited {
                let who = format!("{}|{}", caller.tenant, caller.actor);
                let most = caller.rate_limit.unwrap_or(self.requests_most);
                Some(self.requests.spend(&who, most).await?)
            } else {
                None
            };
            self.usage.count(caller, endpoint);
            Ok(quota)
        })
    }

    fn settle(&self, now: bool) -> Boxed<'_, ()> {
        Box::pin(
            async move { if now { self.usage.write().await } else { self.usage.settle().await } },
        )
    }
}

impl Keeper {
    async fn look(
        &self,
        parts: &Parts,
        presented: &Presented,
        guard: Guard,
        body: Option<&Bytes>,
    ) -> Result<Admission> {
        let known = match self.recall(&presented.name(guard)) {
            Some(known) => known,
            None => {
                self.must_not_guess(parts, presented)?;
                self.find_anew(presented, guard).await?
            }
        };
        if !matches!(presented, Presented::Signature(_)) {
            return Ok(Admission::Admitted(known.caller));
        }
        let Some(body) = body else { return Ok(Admission::Unread) };
        let (known, secrets) = match self.secrets(&known).await? {
            Some(secrets) => (known, secrets),
            None => {
                // They were rotated, and what is kept names the old ones.
                let known = self.find_anew(presented, guard).await?;
                let secrets = self.secrets(&known).await?.ok_or_else(nobody)?;
                (known, secrets)
            }
        };
        let now = self.clock.now_ms();
        Signature::of(&parts.headers)?.verify(&secrets.at(now), body, now)?;
        Ok(Admission::Admitted(known.caller))
    }

    async fn find_anew(&self, presented: &Presented, guard: Guard) -> Result<Known> {
        let found = self.find(presented, guard).await?;
        self.keep(presented.name(guard), found.clone());
        Ok(found)
    }

    async fn find(&self, presented: &Presented, guard: Guard) -> Result<Known> {
        let known = match presented {
            Presented::Key(key) => {
                let stored = self.stored(&key_place(&key.id)).await?.ok_or_else(no_key)?;
                if !stored.proved_by(&key.digest()) {
                    return Err(no_key());
                }
                self.known(stored)?
            }
            Presented::Secret(place) => {
                let stored = self.stored(place).await?.ok_or_else(nobody)?;
                self.known(stored)?
            }
            Presented::Signature(place) => {
                let stored = self.stored(place).await?.ok_or_else(nobody)?;
                self.known(stored)?
            }
            Presented::Token(token) => self.token(token, guard).await?,
        };
        if !self.registrations.is_active(&known.caller.tenant).await? {
            return Err(Error::new(Kind::Forbidden, "This tenant is suspended or unknown"));
        }
        Ok(known)
    }

    /// The valid credential in this place.
    async fn stored(&self, place: &Key) -> Result<Option<Credential>> {
        let now = self.clock.now_ms();
        Ok(credential::find(&self.control, place).await?.filter(|stored| stored.holds_at(now)))
    }

    fn known(&self, stored: Credential) -> Result<Known> {
        let keep = self.clock.now_ms() + KEPT_MS;
        Ok(Known {
            until: stored.until.map_or(keep, |until| until.min(keep)),
            secrets: stored.secrets.clone(),
            caller: Caller {
                permissions: stored.permissions(&self.operator)?,
                standing: Standing { place: Some(stored.place()), until: stored.until },
                tenant: stored.tenant,
                actor: stored.actor,
                rate_limit: stored.rate_limit,
                corr: String::new(),
            },
        })
    }

    /// Whose token it is: a source's, where senders are known, or a person's.
    async fn token(&self, token: &SecretString, guard: Guard) -> Result<Known> {
        let token = token.expose_secret();
        let peek = oidc::peek(token).ok_or_else(nobody)?;
        let issuer = self.tokens.issuer(&peek).ok_or_else(nobody)?;
        let keep = self.clock.now_ms() + KEPT_MS;
        if guard.senders
            && let Some(stored) = self.stored(&token_place(&peek.issuer, &peek.subject)).await?
            && let Some(audience) = &stored.audience
        {
            let claims = issuer.verify(token, audience).await?;
            let known = self.known(stored)?;
            return Ok(Known { until: known.until.min(claims.expires_ms()), ..known });
        }
        let Person { caller, until } = self.tokens.person(issuer, token, &self.operator).await?;
        Ok(Known { until: until.min(keep), caller, secrets: None })
    }

    /// What the holder signs with; none if the vault has nothing under that name.
    async fn secrets(&self, known: &Known) -> Result<Option<Secrets>> {
        let record = known.secrets.as_deref().ok_or_else(nobody)?;
        let name = SecretName::of(&known.caller.tenant, record)?;
        self.vault.read(&name).await?.as_ref().map(Secrets::parse).transpose()
    }

    /// Whoever failed too often is not told whether another guess is right. Keys,
    /// tokens and signatures cannot be guessed, so a valid one always gets in.
    fn must_not_guess(&self, parts: &Parts, presented: &Presented) -> Result<()> {
        let address = client_address(parts);
        let blocked = self.failures.exhausted(&address, self.failures_most);
        blocked.filter(|_| presented.is_guessable()).map_or(Ok(()), Err)
    }

    /// Counts a failure, and answers it.
    async fn failed(&self, parts: &Parts, error: Error) -> Result<Admission> {
        let address = client_address(parts);
        tracing::info!(address, detail = error.detail, "refused");
        self.failures.spend(&address, self.failures_most).await?;
        Err(error)
    }

    fn recall(&self, name: &[u8; 32]) -> Option<Known> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(name).filter(|known| known.until > self.clock.now_ms()).cloned()
    }

    fn keep(&self, name: [u8; 32], known: Known) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MOST {
            kept.clear();
        }
        kept.insert(name, known);
    }
}

impl Presented {
    /// What it is kept under: different for everything that differs, and a token for
    /// what it is to whom it is shown.
    fn name(&self, guard: Guard) -> [u8; 32] {
        let named = match self {
            Self::Key(key) => format!("key|{}", key.digest()),
            Self::Token(token) => format!("token|{}|{}", guard.senders, token.expose_secret()),
            Self::Secret(place) => format!("secret|{}", place.pk),
            Self::Signature(place) => format!("signature|{}", place.pk),
        };
        ids::digest(named.as_bytes())
    }
}
