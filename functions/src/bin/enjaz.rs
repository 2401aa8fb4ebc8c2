//! `/api/v1/enjaz`, behind API Gateway.

use functions::access;
use functions::enjaz::{Enjaz, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Enjaz::load, access::gatekeeper).await
}
