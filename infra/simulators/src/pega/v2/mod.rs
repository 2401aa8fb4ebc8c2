//! DX API v2 (Constellation).

mod cases;
mod error;
mod messages;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};

use super::state::State;

/// What it has. There is no `PUT /cases/{ID}` and no list of cases.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/casetypes", get(cases::types))
        .route("/cases", post(cases::create))
        .route("/cases/{id}", get(cases::read))
        .route("/cases/{id}/actions/{action}", get(cases::action).patch(cases::run))
        .route("/assignments/{id}/actions/{action}", get(cases::form).patch(cases::perform))
        .route("/messages", get(messages::list).post(messages::create))
        .route_layer(from_fn(of_a_channel))
}

/// Every client of this version names its channel.
async fn of_a_channel(request: Request, next: Next) -> Response {
    match request.headers().get("x-origin-channel") {
        Some(channel) if channel == "Web" => next.run(request).await,
        _ => error::invalid("The header x-origin-channel is missing"),
    }
}
