//! `/metrics` and `/dashboard`, behind API Gateway.

use functions::access;
use functions::pega::figures::{Figures, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Figures::load, access::gatekeeper).await
}
