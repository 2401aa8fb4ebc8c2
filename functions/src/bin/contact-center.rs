//! `/integrations/cc`: what was and is at a contact centre, behind API Gateway.

use functions::access;
use functions::integrations::contact_center::{ContactCenter, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, ContactCenter::load, access::gatekeeper).await
}
