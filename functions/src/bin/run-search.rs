//! `GET /api/v1/runs`, `/api/v1/runs/search` and what there is to filter by, behind API Gateway.

use functions::access;
use functions::processes::search::{RunSearch, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, RunSearch::load, access::gatekeeper).await
}
