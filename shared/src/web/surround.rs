//! What surrounds every request: a correlation id that is taken over or made and
//! sent back, what browsers are told, one log line, and a panic that becomes a 500 instead of a dead
//! connection.

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use super::Browsers;
use crate::error::Error;
use crate::ids;

const HEADER: HeaderName = HeaderName::from_static("x-correlation-id");

/// The id that ties together everything that one request sets off.
#[derive(Clone, Debug)]
pub struct CorrelationId {
    /// The id.
    pub id: String,
    /// Whether the caller gave it.
    pub given: bool,
}

pub(super) fn around(router: Router, browsers: &Browsers) -> Router {
    let panicked =
        |_: Box<dyn std::any::Any + Send>| Error::bug("a handler panicked").into_response();
    let router = router.layer(CatchPanicLayer::custom(panicked));
    let router = if browsers.may_call() { router.layer(browsers.cors()) } else { router };
    let browsers = browsers.clone();
    let told = move |request: Request, next: Next| {
        let browsers = browsers.clone();
        async move {
            let mut response = next.run(request).await;
            browsers.tell(response.headers_mut());
            response
        }
    };
    router.layer(from_fn(correlate)).layer(from_fn(told))
}

async fn correlate(mut request: Request, next: Next) -> Response {
    let correlation = CorrelationId::of(request.headers());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_default();
    let span = tracing::info_span!("request", corr = %correlation.id, route);
    let header = HeaderValue::try_from(&correlation.id);
    let method = request.method().clone();
    request.extensions_mut().insert(correlation);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    span.in_scope(|| tracing::debug!(%method, status = response.status().as_u16(), "answered"));
    response
}

impl CorrelationId {
    /// What the caller sent, if it is 1 to 128 printable ASCII characters.
    fn of(headers: &HeaderMap) -> Self {
        let sent = headers.get(HEADER).and_then(|value| value.to_str().ok());
        let fits = |id: &&str| (1..=128).contains(&id.len());
        match sent.filter(fits) {
            Some(id) => Self { id: id.to_owned(), given: true },
            None => Self { id: ids::time_ordered(), given: false },
        }
    }
}

impl<S: Sync> FromRequestParts<S> for CorrelationId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get().cloned().ok_or_else(|| Error::bug("a request without correlation"))
    }
}
