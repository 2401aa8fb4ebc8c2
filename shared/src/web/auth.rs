//! Who calls, and whether they may. The table of routes names a [`Guard`] for
//! each; the [`Gatekeeper`] knows credentials.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

use crate::boxed::Boxed;
use crate::error::{Error, Kind};
use crate::tenant::Tenant;

/// One thing that a caller may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission(pub &'static str);

/// What a caller may do.
#[derive(Clone, Debug)]
pub enum Permissions {
    /// Everything.
    All,
    /// These things.
    Only(Vec<String>),
}

impl Permissions {
    /// Whether this is among them.
    pub fn allow(&self, permission: Permission) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == permission.0),
        }
    }
}

/// Whoever makes a request, as their credential says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose data they see.
    pub tenant: Tenant,
    /// What they are called in the records, for example `key:3f9a` or `source:hr`.
    pub actor: String,
    /// What they may do.
    pub permissions: Permissions,
}

impl Caller {
    /// The sender of events that this is; none for people and programs with a key.
    pub fn sender(&self) -> Option<&str> {
        self.actor.strip_prefix("source:")
    }
}

/// What a route asks of its callers.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// What they must be allowed to do.
    pub permission: Permission,
    /// Whether senders of events may use their own credentials here (HTTP Basic,
    /// a static header) beside an API key.
    pub senders: bool,
}

impl Permission {
    /// A guard that asks for this permission.
    pub const fn of_people(self) -> Guard {
        Guard { permission: self, senders: false }
    }

    /// A guard that asks for this permission and knows senders of events as well.
    pub const fn of_senders(self) -> Guard {
        Guard { permission: self, senders: true }
    }
}

/// Knows credentials.
pub trait Gatekeeper: Send + Sync {
    /// Whose credentials these are.
    ///
    /// # Errors
    /// `Unauthorized` when they are nobody's.
    fn admit<'a>(&'a self, parts: &'a Parts, senders: bool) -> Boxed<'a, Result<Caller, Error>>;
}

/// Lets a request through to its handler, or answers 401 or 403 before a byte of
/// its body is read.
pub(super) async fn check(guard: Guard, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(gatekeeper) = parts.extensions.get::<Arc<dyn Gatekeeper>>().cloned() else {
        return Error::bug("a guarded route without a gatekeeper").into_response();
    };
    let caller = match gatekeeper.admit(&parts, guard.senders).await {
        Ok(caller) => caller,
        Err(error) => return refusal(error, guard),
    };
    if !caller.permissions.allow(guard.permission) {
        let detail = format!("Missing required permission: {}", guard.permission.0);
        return Error::new(Kind::Forbidden, detail).into_response();
    }
    parts.extensions.insert(caller);
    next.run(Request::from_parts(parts, body)).await
}

fn refusal(error: Error, guard: Guard) -> Response {
    let unauthorized = error.kind == Kind::Unauthorized;
    let mut response = error.into_response();
    if unauthorized {
        let bearer = HeaderValue::from_static(r#"Bearer realm="caseway""#);
        response.headers_mut().append(header::WWW_AUTHENTICATE, bearer);
        if guard.senders {
            let basic = HeaderValue::from_static(r#"Basic realm="caseway", charset="UTF-8""#);
            response.headers_mut().append(header::WWW_AUTHENTICATE, basic);
        }
    }
    response
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
