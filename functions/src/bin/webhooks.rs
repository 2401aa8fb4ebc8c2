//! `/integrations/webhooks`, behind API Gateway.

use functions::access;
use functions::integrations::webhooks::{Webhooks, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Webhooks::load, access::gatekeeper).await
}
