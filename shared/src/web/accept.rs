//! What kind of answer a caller asks for in headers that list things.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};

/// Whether `Accept` names this media type itself; `*/*` names none.
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    names(headers, &header::ACCEPT, media_type)
}

/// Whether the caller takes an answer before the work is done: `Prefer: respond-async` (RFC
/// 7240), alone or among others.
pub fn does_not_wait(headers: &HeaderMap) -> bool {
    names(headers, &HeaderName::from_static("prefer"), "respond-async")
}

/// Whether a header that is a list names this, whatever is said of it there.
fn names(headers: &HeaderMap, header: &HeaderName, what: &str) -> bool {
    let given =
        headers.get_all(header).iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|entry| {
        let name = entry.split(['=', ';']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case(what)
    })
}
