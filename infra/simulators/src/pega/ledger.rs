//! What was asked, whatever came of it, and how much of it at a time.

use std::sync::Arc;

use axum::extract::{Request, State as Extracted};
use axum::middleware::Next;
use axum::response::Response;

use super::state::State;

/// A call that is under way, until it ends or is given up.
struct UnderWay(Arc<State>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.locked().under_way -= 1;
    }
}

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
    {
        let mut known = state.locked();
        known.calls.push(format!("{} {path}", request.method()));
        known.under_way += 1;
        known.most_at_once = known.most_at_once.max(known.under_way);
    }
    let _under_way = UnderWay(state);
    next.run(request).await
}
