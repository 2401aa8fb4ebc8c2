//! `/integrations/1c` and the same under `/api/v1`, behind API Gateway.

use functions::access;
use functions::integrations::onec::{OneC, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, OneC::load, access::gatekeeper).await
}
