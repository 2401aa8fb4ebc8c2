//! `/api/v1/api-keys`, behind API Gateway.

use functions::access;
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(access::keys::api::routes, access::keys::Keys::load, access::gatekeeper).await
}
