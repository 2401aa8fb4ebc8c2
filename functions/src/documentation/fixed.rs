//! What stays the same for as long as the process runs, and is not sent again to whom
//! has it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use shared::error::{Error, Result};
use shared::ids::hex_digest;

/// A body that stays the same.
#[derive(Clone)]
pub(super) struct Fixed {
    media_type: &'static str,
    body: Bytes,
    tag: HeaderValue,
}

impl Fixed {
    /// A body that this digest tells from others.
    pub fn new(media_type: &'static str, body: impl Into<Bytes>, digest: &str) -> Result<Self> {
        let tag = HeaderValue::try_from(format!("\"{digest}\"")).map_err(Error::internal)?;
        Ok(Self { media_type, body: body.into(), tag })
    }

    /// A page.
    pub fn html(text: String) -> Result<Self> {
        let digest = short_digest(text.as_bytes());
        Self::new("text/html; charset=utf-8", text, &digest)
    }

    /// A document.
    pub fn json(text: impl Into<Bytes>) -> Result<Self> {
        let text = text.into();
        let digest = short_digest(&text);
        Self::new("application/json", text, &digest)
    }

    /// The answer to a request with these headers: the body, or that it is as known.
    pub fn answer(&self, request: &HeaderMap, kept: &'static str) -> Response {
        let headers: [(HeaderName, HeaderValue); 2] = [
            (header::ETAG, self.tag.clone()),
            (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
        ];
        if self.is_known(request) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type))];
        (headers, media_type, self.body.clone()).into_response()
    }

    fn is_known(&self, request: &HeaderMap) -> bool {
        let known = request.get_all(header::IF_NONE_MATCH).iter();
        let known = known.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
        // A proxy that compresses makes a strong tag weak.
        known
            .map(|tag| tag.trim())
            .any(|tag| tag == "*" || tag.trim_start_matches("W/").as_bytes() == self.tag.as_bytes())
    }
}

/// Tells one state of a thing from any other.
pub(super) fn short_digest(bytes: &[u8]) -> String {
    hex_digest(bytes).chars().take(16).collect()
}
