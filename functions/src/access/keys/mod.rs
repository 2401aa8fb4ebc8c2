//! API keys: made, listed, switched, renewed, revoked by an admin.

pub mod api;
mod issue;
mod model;
mod renew;
mod revoke;
mod store;
mod view;

pub use issue::NewKey;
pub(super) use model::{KeyRecord, number};
pub(super) use renew::grace;
pub use store::Keys;
