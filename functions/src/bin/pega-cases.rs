//! Asks Pega for cases, notes and actions, and shows what came of it.

use functions::access::gatekeeper;
use functions::pega::requests::{PegaRequests, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, PegaRequests::load, gatekeeper).await
}
