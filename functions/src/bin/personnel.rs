//! `/integrations/1c/sync-personnel` and what came of it, behind API Gateway.

use functions::access;
use functions::integrations::personnel::{Personnel, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Personnel::load, access::gatekeeper).await
}
