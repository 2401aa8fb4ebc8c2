//! Records that a caller wants checked: by what their kind needs, and by rules of the
//! caller's own. Nothing is kept.

pub mod api;
mod rules;
