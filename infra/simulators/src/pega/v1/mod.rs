//! DX API v1, as its Swagger describes it (`PegaAPI v1`).

mod cases;
mod error;
mod messages;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::state::State;

/// What it has. There is no `POST /cases/{ID}/actions/…`, which no Pega ever had.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/casetypes", get(cases::types))
        .route("/cases", post(cases::create))
        .route("/cases/{id}", get(cases::read).put(cases::update))
        .route("/cases/{id}/actions/{action}", get(cases::action))
        .route("/assignments/{id}", post(cases::perform))
        .route("/messages", get(messages::list).post(messages::create))
}
