//! The HTTP side of every function: a table of routes that names each one's
//! permission, extractors whose rejections are problems, and what surrounds a
//! request (correlation id, log line, panics).
//!
//! To add an endpoint: write the handler with its `#[utoipa::path]`, list it in
//! its domain's `routes()` with [`Routes::guarded`] and the permission that it
//! needs, add its path to `template.yaml`, and rewrite `openapi.json` (the
//! contract test says how).

mod accept;
mod address;
mod auth;
mod body;
mod browsers;
mod check;
mod extract;
mod guard;
mod json;
mod moment;
mod page;
mod problem;
mod routes;
mod surround;
mod text;

pub use accept::{accepts, does_not_wait};
pub use address::{Peer, client_address};
pub use auth::{Admission, Caller, Gatekeeper, Standing};
pub use body::Body;
pub use browsers::Browsers;
pub use extract::{Path, Query};
pub use guard::{Guard, Permission, Permissions};
pub use json::{Changed, Changes, JsonBody, of_members, of_value};
pub use moment::{moment, to_the_millisecond, to_the_second};
pub use page::{
    Page, next_link, page_limit, page_skip, path_segment, percent_decode, percent_encode,
};
pub use problem::{Conflict, Missing, Problem, Refused};
pub use routes::{Routes, finish, finish_beside};
pub use surround::CorrelationId;
pub use text::at_most;
