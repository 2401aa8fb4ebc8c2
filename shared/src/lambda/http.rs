//! Behind API Gateway.

use std::sync::Arc;

use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use super::Exit;
use crate::env::Env;
use crate::error::Result;
use crate::web::{Browsers, Gatekeeper, Routes, finish};

/// Serves the routes of one use case. A path answers with and without a slash at
/// its end.
pub async fn http<S: Clone + Send + Sync + 'static>(
    routes: fn() -> Routes<S>,
    load: fn(&Env) -> Result<S>,
    gatekeeper: fn(&Env) -> Result<Arc<dyn Gatekeeper>>,
) -> Exit {
    let env = super::start().await;
    let router = finish(routes().with(load(&env)?), gatekeeper(&env)?, &Browsers::load(&env)?);
    lambda_http::run(NormalizePathLayer::trim_trailing_slash().layer(router)).await
}
