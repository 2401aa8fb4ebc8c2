//! `/api/v1/processes`, `/api/v1/steps` and `/api/v1/process-templates`, behind API Gateway.

use functions::access;
use functions::processes::definitions::{Processes, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Processes::load, access::gatekeeper).await
}
