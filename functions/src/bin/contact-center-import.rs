//! `/integrations/cc/bulk-import` and `/integrations/cc/imports`, behind API Gateway.

use functions::access;
use functions::integrations::contact_center::import::{Imports, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Imports::load, access::gatekeeper).await
}
