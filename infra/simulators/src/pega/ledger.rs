//! What was asked, whatever came of it, and how much of it at a time.

use std::sync::Arc;

use axum::extract::{Request, State as Extracted};
use axum::middleware::Next;
use axum::response::Response;

use super::state::State;

/// Notes down every call of the DX APIs.
pub(super) async fn note(
    Extracted(state): Extracted<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let of_api = ["/prweb/api/v1", "/prweb/api/application/v2"];
    let Some(path) = of_api.iter().find_map(|base| path.strip_prefix(base)) else {
        return next.run(request).await;
    };
    let _under_way = {
        let mut known = state.locked();
        known.calls.push(format!("{} {path}", request.method()));
        known.at_once.enter()
    };
    next.run(request).await
}
