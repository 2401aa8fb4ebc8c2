//! What is kept of a contact centre, streamed behind API Gateway.

use functions::access;
use functions::integrations::contact_center::{ContactCenter, export};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::stream(export::api::routes, ContactCenter::load, access::gatekeeper).await
}
