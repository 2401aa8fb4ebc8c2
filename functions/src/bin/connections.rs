//! `/integrations/connections` and the same under `/api/v1`, behind API Gateway.

use functions::access;
use functions::integrations::connections::{Connections, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Connections::load, access::gatekeeper).await
}
