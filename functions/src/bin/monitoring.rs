//! `/` and `/health`, behind API Gateway.

use functions::{access, monitoring};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(monitoring::api::routes, monitoring::Health::load, access::gatekeeper).await
}
