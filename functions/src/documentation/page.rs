//! The pages, and what a browser may do for them: run what this process serves, and
//! call it. No other host is asked for anything.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use shared::error::{Error, Result};

use super::asset::Asset;
use super::fixed::Fixed;

/// With a slash at its end, the address of a page would send a browser to the wrong place
/// for everything that the page names relative to itself.
const SCRIPT: &str = "location.pathname.endsWith('/') && location.pathname.length > 1 && \
    location.replace(location.pathname.replace(/\\/+$/, '') + location.search + location.hash)";

/// A page for people.
#[derive(Clone)]
pub(super) struct Page {
    html: Fixed,
    policy: HeaderValue,
}

impl Page {
    /// Swagger UI: to read, and to try.
    pub fn docs(assets: &[(Asset, String)]) -> Result<Self> {
        Self::new(include_str!("assets/docs.html"), assets, "worker-src 'none'")
    }

    /// ReDoc: to read. It searches in a worker that it makes from its own script.
    pub fn redoc(assets: &[(Asset, String)]) -> Result<Self> {
        Self::new(include_str!("assets/redoc.html"), assets, "worker-src blob:")
    }

    /// The page's own asset links carry digests, so that browsers can keep assets for good.
    fn new(html: &str, assets: &[(Asset, String)], workers: &str) -> Result<Self> {
        let mut html = html.replace("{script}", SCRIPT);
        for (asset, digest) in assets {
            html = html.replace(&format!("{{{}}}", asset.name), digest);
        }
        let policy = HeaderValue::try_from(policy(workers)).map_err(Error::internal)?;
        Ok(Self { html: Fixed::html(html)?, policy })
    }

    /// The answer to a request with these headers.
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let mut response = self.html.answer(request, "no-cache");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }
}

/// Both pages write styles of their own into themselves.
fn policy(workers: &str) -> String {
    let script = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; script-src 'self' 'sha256-{script}'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; {workers}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}
