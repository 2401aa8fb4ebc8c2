//! Reruns, one by one and in bulk, and failures that nobody took care of, behind API Gateway.

use functions::access;
use functions::processes::reruns::{Reruns, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::http(api::routes, Reruns::load, access::gatekeeper).await
}
