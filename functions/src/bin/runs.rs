//! `/api/v1/runs` and `/api/v1/step-runs`, behind API Gateway.

use functions::access;
use functions::processes::runs::{Runs, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Runs::load, access::gatekeeper).await
}
