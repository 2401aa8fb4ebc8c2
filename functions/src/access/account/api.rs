//! Routes of what a caller can learn of themselves.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use shared::error::{Error, Result};
use shared::web::{Caller, Gatekeeper, Guard, Routes};
use utoipa_axum::routes;

use super::Account;
use super::view::{Me, UsageStats, Verified};
use crate::access::keys::{KeyRecord, number};

/// `/api/v1/auth`.
pub fn routes() -> Routes<Account> {
    Routes::new()
        .guarded(Guard::KNOWN, routes!(verify_credential))
        .guarded(Guard::KNOWN, routes!(show_me))
        .guarded(Guard::KNOWN, routes!(show_usage))
}

/// Tells whether a key or token is valid.
#[utoipa::path(get, path = "/api/v1/auth/verify", tag = "access",
    responses((status = 200, body = Verified, description = "It is"), Error))]
async fn verify_credential(
    State(account): State<Account>,
    caller: Caller,
) -> Result<Json<Verified>> {
    let used = account.usage.total(&caller.tenant, &caller.actor).await?;
    Ok(Json(Verified::of(&caller, account.key(&caller).await?.as_ref(), used)))
}

/// Shows who calls, and what they may do.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "access",
    responses((status = 200, body = Me, description = "The caller"), Error))]
async fn show_me(State(account): State<Account>, caller: Caller) -> Result<Json<Me>> {
    let used = account.usage.total(&caller.tenant, &caller.actor).await?;
    Ok(Json(Me::of(&caller, account.key(&caller).await?.as_ref(), used)))
}

/// Shows how much the caller uses.
///
/// Counts of other processes may be a few seconds behind.
#[utoipa::path(get, path = "/api/v1/auth/usage-stats", tag = "access",
    responses((status = 200, body = UsageStats, description = "The counts"), Error))]
async fn show_usage(
    State(account): State<Account>,
    Extension(gatekeeper): Extension<Arc<dyn Gatekeeper>>,
    caller: Caller,
) -> Result<Json<UsageStats>> {
    gatekeeper.settle(true).await;
    let used = account.usage.total(&caller.tenant, &caller.actor).await?;
    let week = account.usage.week(&caller.tenant, &caller.actor).await?;
    Ok(Json(UsageStats::of(number(&caller.actor), used, week)))
}

impl Account {
    /// The record of the caller's key; none for a token.
    async fn key(&self, caller: &Caller) -> Result<Option<KeyRecord>> {
        match number(&caller.actor) {
            Some(id) => self.keys.find(&caller.tenant, id).await.map(Some),
            None => Ok(None),
        }
    }
}
