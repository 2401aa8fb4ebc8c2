//! Behind API Gateway, with answers that are sent while they are made.
//! Source: AWS Lambda's response streaming; its REST APIs pass it on for methods whose
//! integration says so.

use std::sync::Arc;

use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use super::Exit;
use crate::env::Env;
use crate::error::Result;
use crate::web::{Browsers, Gatekeeper, Routes, finish};

/// Serves the routes of one use case whose answers are streams.
pub async fn stream<S: Clone + Send + Sync + 'static>(
    routes: fn() -> Routes<S>,
    load: fn(&Env) -> Result<S>,
    gatekeeper: fn(&Env) -> Result<Arc<dyn Gatekeeper>>,
) -> Exit {
    let env = super::start().await;
    let gatekeeper = gatekeeper(&env)?;
    let router = finish(routes().with(load(&env)?), gatekeeper, &Browsers::load(&env)?);
    let service = NormalizePathLayer::trim_trailing_slash().layer(router);
    lambda_http::run_with_streaming_response(service).await
}
