//! The policies of IT support, behind API Gateway.

use functions::access;
use functions::support::policies::{PolicyEditor, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, PolicyEditor::load, access::gatekeeper).await
}
