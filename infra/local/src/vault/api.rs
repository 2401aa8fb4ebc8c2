//! The vault's own route, which only a local process has: on AWS its keys are KMS's,
//! and KMS renews them.

use axum::Json;
use axum::extract::State;
use functions::access::permission::INSTALLATION;
use serde::Serialize;
use serde_json::json;
use shared::audit::Trail;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::web::{Caller, Routes};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::FileVault;

/// The vault and the trail of what is done to it.
#[derive(Clone)]
pub(crate) struct Rekeying {
    vault: FileVault,
    trail: Trail,
}

/// What was done.
#[derive(Serialize, ToSchema)]
struct Rekeyed {
    /// Credentials that are sealed under a new key now.
    credentials: usize,
}

impl Rekeying {
    /// Of this vault.
    pub fn load(env: &Env, vault: FileVault) -> Result<Self> {
        Ok(Self { vault, trail: Trail::load(env)? })
    }
}

/// `/api/v1/vault`.
pub(crate) fn routes() -> Routes<Rekeying> {
    Routes::new().guarded(INSTALLATION.of_admins(), routes!(rekey_vault))
}

/// Seals every credential anew under a fresh key.
///
/// The entry in the audit trail comes first: the files of the vault are no part of a
/// transaction, and a renewal that was tried and failed is worth knowing of.
#[utoipa::path(post, path = "/api/v1/vault/rekey", tag = "access",
    responses((status = 200, body = Rekeyed, description = "Sealed anew"), Error))]
async fn rekey_vault(State(it): State<Rekeying>, caller: Caller) -> Result<Json<Rekeyed>> {
    let entry = it.trail.entry(&caller, "vault.rekey", "vault", &json!({}))?;
    it.trail.table().transact(&ids::time_ordered(), vec![entry]).await?;
    let credentials = it.vault.rekey().await.map_err(Error::internal)?;
    Ok(Json(Rekeyed { credentials }))
}
