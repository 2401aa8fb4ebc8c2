//! `/api/v1/admin/cleanup`, behind API Gateway.

use functions::access;
use functions::processes::retention::{Cleanup, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Cleanup::load, access::gatekeeper).await
}
