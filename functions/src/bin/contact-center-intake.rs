//! `POST /integrations/cc/status`: pushed statuses, behind API Gateway.

use functions::access;
use functions::integrations::contact_center::push::{PushIntake, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, PushIntake::load, access::gatekeeper).await
}
