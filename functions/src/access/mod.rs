//! Who may call, and for whom: tenants, API keys of people and programs, tokens of
//! an identity provider, sources that send events. Only digests of credentials are
//! stored, or, where a signature must be recomputed, secrets in the vault.

pub mod account;
mod api_key;
mod credential;
mod gatekeeper;
pub mod keys;
mod machine;
pub mod permission;
mod presented;
mod setup;
pub mod sources;
mod standings;
pub mod tenants;
mod tokens;
mod usage;

pub use api_key::ApiKey;
pub use gatekeeper::gatekeeper;
pub use machine::at_the_machine;
pub use setup::{Setup, SetupAnswer, SetupCommand};
pub use standings::Standings;

use serde::Serialize;
use utoipa::ToSchema;

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    pub(crate) message: &'static str,
}
