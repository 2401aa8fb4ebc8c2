//! `/api/v1/dashboard`, behind API Gateway.

use functions::access;
use functions::processes::figures::{Dashboard, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Dashboard::load, access::gatekeeper).await
}
