//! What people answer, and who answers for whom, behind API Gateway.

use functions::access;
use functions::support::people::{Answers, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Answers::load, access::gatekeeper).await
}
