//! `/api/v1/notifications`, behind API Gateway.

use functions::access;
use functions::notifications::{Notifications, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Notifications::load, access::gatekeeper).await
}
