//! `/pega/rules`, behind API Gateway.

use functions::access;
use functions::pega::rules::{RuleEditor, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, RuleEditor::load, access::gatekeeper).await
}
