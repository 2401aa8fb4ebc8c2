//! What happens to tickets, as it happens, behind API Gateway.

use functions::access;
use functions::support::stream::{Streams, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::stream(api::routes, Streams::load, access::gatekeeper).await
}
