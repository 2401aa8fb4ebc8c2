//! Who may call, and for whom: tenants, API keys of people and programs, tokens of
//! an identity provider, sources that send events. Only digests of credentials are
//! stored, or, where a signature must be recomputed, secrets in the vault.

pub mod account;
mod api_key;
mod credential;
mod gatekeeper;
pub mod keys;
pub mod permission;
mod presented;
mod setup;
pub mod sources;
pub mod tenants;
mod tokens;
mod usage;

pub use api_key::ApiKey;
pub use gatekeeper::gatekeeper;
pub use setup::{Setup, SetupAnswer, SetupCommand};

use permission::Role;
use serde::Serialize;
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
struct Done {
    message: &'static str,
}

/// Whoever has the machine or the account in their hands, as the records call them.
pub fn machine(tenant: &Tenant, operator: &Tenant) -> Caller {
    Caller {
        tenant: tenant.clone(),
        actor: "operator".to_owned(),
        permissions: Role::Admin.permissions(tenant, operator),
        rate_limit: None,
        corr: shared::ids::time_ordered(),
    }
}
