//! `/api/v1/tenants`, behind API Gateway.

use functions::access;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(access::tenants::api::routes, access::tenants::Tenants::load, access::gatekeeper)
        .await
}
