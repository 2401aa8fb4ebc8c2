//! What kind of answer a caller's `Accept` asks for.

use axum::http::{HeaderMap, header};

/// Whether `Accept` names this media type itself; `*/*` names none.
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let given = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|entry| {
        entry.split(';').next().is_some_and(|of| of.trim().eq_ignore_ascii_case(media_type))
    })
}
