//! Routes of the documentation, which anybody may read.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Path, Query, Routes};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::Documentation;

/// Pages name an asset together with its digest, so what they name never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// The document, the pages and their assets.
pub fn routes() -> Routes<Documentation> {
    Routes::new()
        .open(routes!(show_document))
        .open(routes!(show_docs))
        .open(routes!(show_redoc))
        .open(routes!(find_asset))
}

/// The version of OpenAPI.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
enum Version {
    #[default]
    #[serde(rename = "3.1")]
    Current,
    #[serde(rename = "3.0")]
    Older,
}

/// Which document.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DocumentParams {
    /// The version of OpenAPI: `3.1`, or `3.0` for importers that know no newer one.
    #[serde(default)]
    #[param(inline)]
    version: Version,
}

/// Shows the API document.
#[utoipa::path(get, path = "/openapi.json", tag = "documentation", params(DocumentParams),
    responses(
        (status = 200, body = Object, content_type = "application/json",
            description = "An OpenAPI document"),
        (status = 304, description = "It is as `If-None-Match` says"),
        Error,
    ))]
async fn show_document(
    State(documentation): State<Documentation>,
    headers: HeaderMap,
    Query(params): Query<DocumentParams>,
) -> Response {
    let document = match params.version {
        Version::Current => &documentation.current,
        Version::Older => &documentation.older,
    };
    document.answer(&headers, "no-cache")
}

/// Shows the API to read and to try (Swagger UI).
#[utoipa::path(get, path = "/docs", tag = "documentation", responses(
    (status = 200, body = String, content_type = "text/html", description = "A page"),
    (status = 304, description = "It is as `If-None-Match` says"),
    Error,
))]
async fn show_docs(State(documentation): State<Documentation>, headers: HeaderMap) -> Response {
    documentation.docs.answer(&headers)
}

/// Shows the API to read (ReDoc).
#[utoipa::path(get, path = "/redoc", tag = "documentation", responses(
    (status = 200, body = String, content_type = "text/html", description = "A page"),
    (status = 304, description = "It is as `If-None-Match` says"),
    Error,
))]
async fn show_redoc(State(documentation): State<Documentation>, headers: HeaderMap) -> Response {
    documentation.redoc.answer(&headers)
}

/// Shows a script or style of the pages.
#[utoipa::path(get, path = "/docs/{asset}", tag = "documentation",
    params(("asset" = String, Path, description = "The file's name", example = "swagger-ui.css")),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/javascript"),
            (String = "text/css"),
        )),
        (status = 304, description = "It is as `If-None-Match` says"),
        Error,
    ))]
async fn find_asset(
    State(documentation): State<Documentation>,
    headers: HeaderMap,
    Path(asset): Path<String>,
) -> Result<Response> {
    Ok(documentation.asset(&asset)?.answer(&headers, FOR_GOOD))
}
