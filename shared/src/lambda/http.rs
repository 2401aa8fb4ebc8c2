//! Behind API Gateway.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::middleware::map_response;
use axum::response::Response;
use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;

use super::Exit;
use crate::env::Env;
use crate::error::Result;
use crate::web::{Browsers, Gatekeeper, Routes, finish};

/// Tells `lambda_http` that an answer is text, whatever its media type. What it does not
/// know as text it hands over in base64, which API Gateway does not decode.
const ENCODING: &str = "x-lambda-http-content-encoding";

/// Serves the routes of one use case. A path answers with and without a slash at
/// its end.
pub async fn http<S: Clone + Send + Sync + 'static>(
    routes: fn() -> Routes<S>,
    load: fn(&Env) -> Result<S>,
    gatekeeper: fn(&Env) -> Result<Arc<dyn Gatekeeper>>,
) -> Exit {
    serve(guarded(&super::start().await, routes, load, gatekeeper)?).await
}

/// The same, with answers that are sent while they are made. API Gateway passes those of a
/// REST API on for methods whose integration says so.
/// Source: AWS Lambda's response streaming.
pub async fn stream<S: Clone + Send + Sync + 'static>(
    routes: fn() -> Routes<S>,
    load: fn(&Env) -> Result<S>,
    gatekeeper: fn(&Env) -> Result<Arc<dyn Gatekeeper>>,
) -> Exit {
    let router = guarded(&super::start().await, routes, load, gatekeeper)?;
    lambda_http::run_with_streaming_response(without_slashes().layer(router)).await
}

/// Serves routes that are all open: nobody stands before them, and nothing is counted.
pub async fn open<S: Clone + Send + Sync + 'static>(
    routes: fn() -> Routes<S>,
    load: fn(&Env) -> Result<S>,
) -> Exit {
    let env = super::start().await;
    serve(finish(routes().with(load(&env)?), None, &Browsers::load(&env)?)).await
}

fn guarded<S: Clone + Send + Sync + 'static>(
    env: &Env,
    routes: fn() -> Routes<S>,
    load: fn(&Env) -> Result<S>,
    gatekeeper: fn(&Env) -> Result<Arc<dyn Gatekeeper>>,
) -> Result<Router> {
    let gatekeeper = gatekeeper(env)?;
    Ok(finish(routes().with(load(env)?), gatekeeper, &Browsers::load(env)?))
}

fn without_slashes() -> NormalizePathLayer {
    NormalizePathLayer::trim_trailing_slash()
}

async fn serve(router: Router) -> Exit {
    let router = router.layer(map_response(async |mut response: Response| {
        response.headers_mut().insert(ENCODING, HeaderValue::from_static("text"));
        response
    }));
    lambda_http::run(without_slashes().layer(router)).await
}
