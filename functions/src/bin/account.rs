//! `/api/v1/auth`, behind API Gateway.

use functions::access;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(access::account::api::routes, access::account::Account::load, access::gatekeeper)
        .await
}
