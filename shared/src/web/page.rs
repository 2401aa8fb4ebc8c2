//! Paging: `limit`, and a cursor that says where to go on. The next page's
//! address travels in a `Link` header, so that bodies stay bare arrays.

use axum::Json;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use utoipa::IntoParams;

use crate::error::{Error, Result};

/// What is escaped in a part of a path: all but what RFC 3986 calls unreserved, and `!`.
const OF_PATHS: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!');

/// One page of a list: its items as a JSON array, and the next page's link.
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// `Link` to the next page; none on the last.
    pub next: Option<String>,
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        if let Some(next) = self.next.and_then(|next| HeaderValue::try_from(next).ok()) {
            response.headers_mut().insert(header::LINK, next);
        }
        response
    }
}

/// How many items a page is to have: what the caller asks for, or the default.
///
/// # Errors
/// `Invalid`, naming `limit`, unless it is between 1 and `most`.
pub fn page_limit(asked: Option<i64>, default: usize, most: usize) -> Result<usize> {
    let Some(asked) = asked else { return Ok(default) };
    let limit = usize::try_from(asked).ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| Error::invalid("limit", format!("must be between 1 and {most}")))
}

/// How many items are left out before a page: what the caller asks for, or none.
///
/// # Errors
/// `Invalid`, naming `skip`, when it is negative.
pub fn page_skip(asked: Option<i64>) -> Result<usize> {
    let skip = usize::try_from(asked.unwrap_or(0));
    skip.map_err(|_| Error::invalid("skip", "must not be negative"))
}

/// The value of a `Link` header (RFC 8288) to the same address with this cursor. It
/// is relative to the request's own address, so it holds behind any gateway. Of the
/// request's parameters it keeps those of `P`: whatever else stood there, a credential
/// maybe, is not passed on.
pub fn next_link<P: IntoParams>(uri: &Uri, cursor: &str) -> String {
    let known = P::into_params(|| None);
    let is_kept = |pair: &&str| {
        let name = percent_decode(pair.split_once('=').map_or(pair, |(name, _)| name));
        name != "cursor" && known.iter().any(|parameter| parameter.name == name)
    };
    let kept = uri.query().unwrap_or_default().split('&').filter(is_kept);
    let cursor = format!("cursor={}", percent_encode(cursor));
    let query: Vec<&str> = kept.chain([cursor.as_str()]).collect();
    format!("<?{}>; rel=\"next\"", query.join("&"))
}

/// Text as a part of a path or query.
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Text as one segment of a path; a space is `%20`.
///
/// # Errors
/// `Invalid`, naming `field`, when it is empty, or a dot or two, which lead to other paths
/// however they are written.
pub fn path_segment(field: &str, text: &str) -> Result<String> {
    if matches!(text, "" | "." | "..") {
        return Err(Error::invalid(field, "must not be empty, a dot or two dots"));
    }
    Ok(utf8_percent_encode(text, &OF_PATHS).to_string())
}

/// Text with its percent escapes resolved; what is no UTF-8 then is replaced.
pub fn percent_decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(IntoParams)]
    #[expect(dead_code, reason = "only the names count")]
    struct Filters {
        limit: i64,
        case_id: String,
        cursor: String,
    }

    #[test]
    fn the_link_keeps_the_filters_and_replaces_the_cursor() {
        let uri = Uri::from_static("/events?limit=2&cursor=9&&api_key=pd_1&case_id=A%20B");
        let link = next_link::<Filters>(&uri, "7=");
        assert_eq!(link, "<?limit=2&case_id=A%20B&cursor=7%3D>; rel=\"next\"");
    }
}
