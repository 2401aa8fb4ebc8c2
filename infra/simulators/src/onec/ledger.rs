//! What was called, whatever came of it, and how much of it at a time.

use std::sync::Arc;

use axum::extract::{Request, State as Extracted};
use axum::middleware::Next;
use axum::response::Response;

use super::service::below_service;
use super::state::State;

/// Counts every call of a method of the service.
pub(super) async fn note(
    Extracted(state): Extracted<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let _under_way = {
        let mut known = state.locked();
        let called = below_service(request.uri()).and_then(|path| known.names.called(path));
        if let Some((method, _)) = called {
            *known.calls.of.entry(method.to_owned()).or_default() += 1;
        }
        known.calls.at_once.enter()
    };
    next.run(request).await
}
