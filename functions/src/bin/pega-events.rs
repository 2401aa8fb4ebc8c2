//! `GET /events`, `GET /events/{id}`, `POST /events/{id}/reprocess`, behind API Gateway.

use functions::{access, pega};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(pega::api::log_routes, pega::EventLog::load, access::gatekeeper).await
}
