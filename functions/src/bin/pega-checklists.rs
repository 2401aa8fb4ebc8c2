//! `/pega/checklists`, behind API Gateway.

use functions::access;
use functions::pega::checklists::{Checklists, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Checklists::load, access::gatekeeper).await
}
