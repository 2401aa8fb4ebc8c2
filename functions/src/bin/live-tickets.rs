//! `POST /live/tickets` and `GET /live/messages`, behind API Gateway.

use functions::{access, live};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(live::api::routes, live::Live::load, access::gatekeeper).await
}
