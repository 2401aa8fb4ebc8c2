//! Requests for IT support, and what became of them, behind API Gateway.

use functions::access;
use functions::support::tickets::{Tickets, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Tickets::load, access::gatekeeper).await
}
