//! Reports of events and cases, behind API Gateway.

use functions::access;
use functions::pega::compliance::{Compliance, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Compliance::load, access::gatekeeper).await
}
