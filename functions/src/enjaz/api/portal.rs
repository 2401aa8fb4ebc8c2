//! Routes of a tenant's portal profile.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::error::{Error, Result};
use shared::web::{Caller, JsonBody, Missing, Routes, to_the_second};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::super::portal::Profile;
use super::super::profiles::{NONE, Portal};
use super::Enjaz;
use super::envelope::Envelope;
use crate::access::permission::ADMIN;

pub(super) fn routes() -> Routes<Enjaz> {
    let of_admins = ADMIN.of_admins();
    Routes::new()
        .guarded(of_admins, routes!(find_enjaz_portal))
        .guarded(of_admins, routes!(set_enjaz_portal))
        .guarded(of_admins, routes!(reset_enjaz_portal))
}

/// A portal's profile.
#[derive(Debug, Serialize, ToSchema)]
struct PortalView {
    /// Where things are on its pages; ARCHITECTURE.md tells of each member.
    #[schema(value_type = Object)]
    profile: Profile,
    /// Whether it is the tenant's own, and not the installation's.
    is_own: bool,
    #[schema(format = DateTime)]
    updated_at: Option<String>,
    updated_by: Option<String>,
}

impl From<Portal> for PortalView {
    fn from(Portal { profile, changed }: Portal) -> Self {
        let (at, by) = changed.unzip();
        let updated_at = at.map(to_the_second);
        Self { profile, is_own: updated_at.is_some(), updated_at, updated_by: by }
    }
}

/// Shows the profile of the portal that the tenant's accounts are with.
#[utoipa::path(get, path = "/api/v1/enjaz/portal", tag = "enjaz",
    responses((status = 200, body = Envelope<PortalView>, description = "The profile"), Error))]
async fn find_enjaz_portal(
    State(here): State<Enjaz>,
    caller: Caller,
) -> Result<Json<Envelope<PortalView>>> {
    Ok(Json(match here.means.find_portal(&caller.tenant).await? {
        Some(portal) => Envelope::done("Portal retrieved successfully", portal.into()),
        None => Envelope::nothing(NONE),
    }))
}

/// Gives the tenant a profile of its own. Members that are not given are the usual ones.
#[utoipa::path(put, path = "/api/v1/enjaz/portal", tag = "enjaz",
    request_body(content = Object, example = json!({ "base_url": "https://portal.example",
        "cases_path": "/cases" })),
    responses((status = 200, body = Envelope<PortalView>, description = "The profile"), Error))]
async fn set_enjaz_portal(
    State(here): State<Enjaz>,
    caller: Caller,
    JsonBody(profile): JsonBody<Profile>,
) -> Result<Json<Envelope<PortalView>>> {
    let portal = here.means.set_portal(&caller, profile).await?;
    Ok(Json(Envelope::done("Portal saved successfully", portal.into())))
}

/// Takes the tenant's own profile away; the installation's counts again, if there is one.
#[utoipa::path(delete, path = "/api/v1/enjaz/portal", tag = "enjaz",
    responses((status = 200, body = Envelope<bool>, description = "It is gone"), Error,
        Missing))]
async fn reset_enjaz_portal(
    State(here): State<Enjaz>,
    caller: Caller,
) -> Result<Json<Envelope<bool>>> {
    here.means.reset_portal(&caller).await?;
    Ok(Json(Envelope::done("Portal removed successfully", true)))
}
