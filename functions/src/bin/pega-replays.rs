//! `/events/replays`, behind API Gateway.

use functions::access;
use functions::pega::replays::{Replays, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Replays::load, access::gatekeeper).await
}
