//! The routes without a socket, for tests in which time stands still.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::request::Parts;
use bytes::Bytes;
use functions::access::machine;
use serde_json::Value;
use shared::boxed::Boxed;
use shared::error::Result;
use shared::limit::Quota;
use shared::queue::{Hint, Queue};
use shared::tenant::Tenant;
use shared::web::{Admission, Browsers, Caller, Gatekeeper, Guard, Routes, finish};
use tower::ServiceExt;

/// Lets everybody in, as the tenant `default`.
pub struct Anybody;

impl Gatekeeper for Anybody {
    fn admit<'a>(
        &'a self,
        _: &'a Parts,
        _: Guard,
        _: Option<&'a Bytes>,
    ) -> Boxed<'a, Result<Admission>> {
        let tenant = Tenant::parse("default");
        Box::pin(async move {
            let tenant = tenant?;
            Ok(Admission::Admitted(machine(&tenant, &tenant)))
        })
    }

    fn count<'a>(
        &'a self,
        _: &'a Caller,
        _: Guard,
        _: &'a str,
    ) -> Boxed<'a, Result<Option<Quota>>> {
        Box::pin(async { Ok(None) })
    }

    fn settle(&self, _: bool) -> Boxed<'_, ()> {
        Box::pin(async {})
    }
}

/// A queue that loses everything.
pub struct Nowhere;

impl Queue for Nowhere {
    fn send(&self, _: Vec<Hint>, _: Duration) -> Boxed<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// Routes that can be called.
pub struct Service(Router);

impl Service {
    pub fn of(routes: Routes, gatekeeper: Arc<dyn Gatekeeper>) -> Self {
        Self(finish(routes, gatekeeper, &Browsers::default()))
    }

    /// Status and JSON of the answer.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.0.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        (parts.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default())
    }
}
