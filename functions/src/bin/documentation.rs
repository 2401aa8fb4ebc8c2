//! `GET /openapi.json`, `GET /docs`, `GET /redoc`, behind API Gateway.

use functions::documentation::{Documentation, api};
use shared::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> lambda::Exit {
    lambda::open(api::routes, Documentation::load).await
}
