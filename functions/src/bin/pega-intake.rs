//! `POST /webhook/pega`, behind API Gateway.

use functions::{access, pega};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(pega::api::intake_routes, pega::Intake::load, access::gatekeeper).await
}
