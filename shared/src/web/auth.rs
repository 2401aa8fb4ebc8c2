//! Who calls, and whether they may. The table of routes names a [`Guard`] for
//! each; the [`Gatekeeper`] knows credentials.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::guard::{Guard, Permissions};
use crate::boxed::Boxed;
use crate::error::{Error, Result};
use crate::limit::Quota;
use crate::tenant::Tenant;

/// Whoever makes a request, as their credential says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose data they see.
    pub tenant: Tenant,
    /// What they are called in the records: `key:5`, `user:anna` or `source:hr`.
    pub actor: String,
    /// What they may do.
    pub permissions: Permissions,
    /// Requests a minute, when it is not what the installation grants everybody.
    pub rate_limit: Option<u32>,
    /// What lets them in, for what outlives the request.
    pub standing: Standing,
    /// The correlation id of the request that they make.
    pub corr: String,
}

/// What lets a caller in: whatever outlives their request can ask whether it still does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where the credential is stored; none for a token, which is nowhere, and for
    /// whoever has the machine in their hands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The moment from which on it does not hold, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

impl Caller {
    /// The product itself, acting for a tenant without anybody's asking.
    pub fn system(tenant: &Tenant) -> Self {
        Self {
            tenant: tenant.clone(),
            actor: "system".to_owned(),
            permissions: Permissions::of([]),
            rate_limit: None,
            standing: Standing::default(),
            corr: crate::ids::time_ordered(),
        }
    }

    /// The sender of events that this is; none for people and programs.
    pub fn sender(&self) -> Option<&str> {
        self.actor.strip_prefix("source:")
    }

    /// That nobody passes on more than they hold.
    ///
    /// # Errors
    /// `Forbidden`, naming what is missing.
    pub fn must_hold(&self, permissions: &Permissions) -> Result<()> {
        match permissions.iter().find(|permission| !self.permissions.allow(*permission)) {
            Some(missing) => Err(missing.missing()),
            None => Ok(()),
        }
    }
}

/// What the gatekeeper says to a request.
pub enum Admission {
    /// This is who calls.
    Admitted(Caller),
    /// The body was signed: it must be read before that can be said.
    Unread,
}

/// Knows credentials, and what their holders have left of their requests.
pub trait Gatekeeper: Send + Sync {
    /// Whose credentials these are. `body` is none until it was asked for.
    ///
    /// # Errors
    /// `Unauthorized` when they are nobody's; `TooMany` after too many of those.
    fn admit<'a>(
        &'a self,
        parts: &'a Parts,
        guard: Guard,
        body: Option<&'a Bytes>,
    ) -> Boxed<'a, Result<Admission>>;

    /// Counts a request of an admitted caller.
    ///
    /// # Errors
    /// `TooMany` when none is left.
    fn count<'a>(
        &'a self,
        caller: &'a Caller,
        guard: Guard,
        endpoint: &'a str,
    ) -> Boxed<'a, Result<Option<Quota>>>;

    /// Writes down what was counted, if it is time or must be now.
    fn settle(&self, now: bool) -> Boxed<'_, ()>;
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or_else(|| Error::bug("an unguarded route has no caller"))
    }
}
