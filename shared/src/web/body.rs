//! Request bodies as raw bytes: what was signed, hashed and stored is what was
//! sent.

use axum::RequestExt;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;

use crate::error::{Error, Kind};

/// The body of a request that calls itself JSON, within the route's limit.
#[derive(Clone, Debug)]
pub struct Body {
    /// The bytes as sent.
    pub bytes: Bytes,
    /// The media type without parameters, in lower case.
    pub media_type: String,
}

impl<S: Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let media_type = media_type(request.headers())?;
        let bytes = request.extract().await.map_err(unreadable)?;
        Ok(Self { bytes, media_type })
    }
}

fn unreadable(rejection: axum::extract::rejection::BytesRejection) -> Error {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::new(Kind::TooLarge, "The body is larger than this endpoint accepts")
    } else {
        Error::malformed("The body could not be read to its end")
    }
}

/// The declared media type; a body without one counts as JSON, as some senders
/// set none.
fn media_type(headers: &HeaderMap) -> Result<String, Error> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok("application/json".to_owned());
    };
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = matches!(essence.as_str(), "application/json" | "text/json")
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if json {
        Ok(essence)
    } else {
        let detail = "The content type must be application/json or application/cloudevents+json";
        Err(Error::new(Kind::UnsupportedMedia, detail).field("header Content-Type", "is not JSON"))
    }
}
