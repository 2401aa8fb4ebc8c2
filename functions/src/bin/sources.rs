//! `/api/v1/sources`, behind API Gateway.

use functions::access;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(access::sources::api::routes, access::sources::Sources::load, access::gatekeeper)
        .await
}
