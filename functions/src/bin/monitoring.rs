//! `/` and `/health`, behind API Gateway.

use functions::monitoring;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::open(monitoring::api::routes, monitoring::Health::load).await
}
