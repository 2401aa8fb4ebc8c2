//! Stands before every guarded route: who calls, how much they have left, and
//! whether they may.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Admission, Caller, CorrelationId, Gatekeeper, Guard};
use crate::error::{Error, Kind, Result};
use crate::limit::Quota;

/// Headers that say what a request is or whose repeat it is, and that no signature
/// covers: whoever replays a signed request could change them.
fn is_unsigned(name: &HeaderName) -> bool {
    name == "idempotency-key" || name.as_str().starts_with("ce-")
}

/// Lets a request through to its handler, or answers 401, 403 or 429 before its
/// body is read (a signed one's excepted).
pub(super) async fn check(guard: Guard, request: Request, next: Next) -> Response {
    let Some(gatekeeper) = request.extensions().get::<Arc<dyn Gatekeeper>>().cloned() else {
        return Error::bug("a guarded route without a gatekeeper").into_response();
    };
    let (caller, mut request) = match admit(&*gatekeeper, guard, request).await {
        Ok(admitted) => admitted,
        Err(error) => return refusal(error, guard),
    };
    let quota = match gatekeeper.count(&caller, guard, &endpoint(&request)).await {
        Ok(quota) => quota,
        Err(error) => return error.into_response(),
    };
    let mut response = match guard.refusal(&caller.permissions) {
        Some(refusal) => refusal.into_response(),
        None => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
    };
    gatekeeper.settle(false).await;
    if let Some(quota) = quota {
        quota.tell(response.headers_mut());
    }
    response
}

/// Who calls, and the request, whose body was read if it is signed.
async fn admit(
    gatekeeper: &dyn Gatekeeper,
    guard: Guard,
    request: Request,
) -> Result<(Caller, Request)> {
    let corr = request.extensions().get::<CorrelationId>().map(|corr| corr.id.clone());
    let (mut parts, mut body) = request.into_parts();
    let mut admission = gatekeeper.admit(&parts, guard, None).await?;
    if matches!(admission, Admission::Unread) {
        let bytes = to_bytes(body, guard.body).await.map_err(|_| {
            Error::new(Kind::TooLarge, "The body is larger than this endpoint accepts")
        })?;
        admission = gatekeeper.admit(&parts, guard, Some(&bytes)).await?;
        let unsigned: Vec<_> =
            parts.headers.keys().filter(|name| is_unsigned(name)).cloned().collect();
        unsigned.iter().for_each(|name| drop(parts.headers.remove(name)));
        body = Body::from(bytes);
    }
    let Admission::Admitted(mut caller) = admission else {
        return Err(Error::bug("a body was read and is still asked for"));
    };
    caller.corr = corr.unwrap_or_default();
    Ok((caller, Request::from_parts(parts, body)))
}

/// Method and route, for example `GET /events/{event_id}`.
fn endpoint(request: &Request) -> String {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    format!("{} {}", request.method(), path.unwrap_or_default())
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

impl Quota {
    /// Adds the headers that tell of it.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-policy", HeaderValue::from_static(self.policy));
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset));
    }
}
