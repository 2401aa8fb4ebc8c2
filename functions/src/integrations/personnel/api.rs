//! Routes of personnel.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{
    Caller, Conflict, JsonBody, Missing, Path, Query, Routes, page_limit, to_the_second,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::model::Employment;
use super::read::Wish;
use super::start::{NewSync, Personnel};
use super::view::{PersonnelChanges, PersonnelList, SyncView};
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ, INTEGRATIONS_SYNC};
use crate::integrations::connections::{IntegrationType, OfConnection};

/// `/integrations/1c/sync-personnel`, what came of it, and the same under `/api/v1`.
pub fn routes() -> Routes<Personnel> {
    Routes::new()
        .guarded(INTEGRATIONS_SYNC.of_people(), routes!(sync_personnel))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_personnel_syncs))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_personnel_sync))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_personnel_changes))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(confirm_personnel_sync))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(reject_personnel_sync))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_personnel))
        .also_under("/api/v1")
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SyncFilter {
    /// The connection, if there are several of 1C.
    #[param(format = "uuid")]
    connection_id: Option<String>,
    /// How many, 1 to 100; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Only those before this one.
    before: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangeFilter {
    /// The connection, if there are several of 1C.
    #[param(format = "uuid")]
    connection_id: Option<String>,
    /// The step, counted from 0.
    #[param(minimum = 0)]
    step: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PersonnelFilter {
    /// The connection, if there are several of 1C.
    #[param(format = "uuid")]
    connection_id: Option<String>,
    /// Only of this department, by id or name.
    department: Option<String>,
    /// Only who is `active` or `inactive`.
    status: Option<Employment>,
    /// How many, 1 to 1000; 100 when not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// What `next` of the page before says.
    cursor: Option<String>,
}

/// Why something was decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionRequest {
    /// Why.
    #[schema(min_length = 1, max_length = 4096, example = "The branch in Omsk was closed")]
    reason: String,
}

impl Personnel {
    async fn connection(&self, by: &Caller, named: Option<&str>) -> Result<String> {
        let of = IntegrationType::OneC;
        Ok(self.means.connections.configured(&by.tenant, of, named).await?.id)
    }

    async fn decided(
        &self,
        by: &Caller,
        (of, id): (&OfConnection, &str),
        decision: (bool, &str),
    ) -> Result<Json<SyncView>> {
        let of = self.connection(by, of.named()).await?;
        SyncView::of(self.decide(by, (&of, id), decision).await?).map(Json)
    }
}

/// Synchronises personnel with 1C.
///
/// Everything is read, compared with what is published, and published whole; nothing
/// changes before that. When more would vanish than the connection's
/// `config.vanish_limit_percent` says (10), the synchronisation is held, and a ticket asks a
/// person. There is one at a time for a connection.
#[utoipa::path(post, path = "/integrations/1c/sync-personnel", tag = "integrations",
    request_body = NewSync,
    responses((status = 200, body = SyncView, description = "It has started"), Error, Missing,
        Conflict))]
async fn sync_personnel(
    State(personnel): State<Personnel>,
    caller: Caller,
    JsonBody(new): JsonBody<NewSync>,
) -> Result<Json<SyncView>> {
    SyncView::of(personnel.start(&caller, new).await?).map(Json)
}

/// Lists synchronisations of personnel, newest first.
#[utoipa::path(get, path = "/integrations/1c/syncs", tag = "integrations", params(SyncFilter),
    responses((status = 200, body = Vec<SyncView>, description = "One page"), Error, Missing,
        Conflict))]
async fn list_personnel_syncs(
    State(personnel): State<Personnel>,
    caller: Caller,
    Query(filter): Query<SyncFilter>,
) -> Result<Json<Vec<SyncView>>> {
    let limit = page_limit(filter.limit, 20, 100)?;
    let of = personnel.connection(&caller, filter.connection_id.as_deref()).await?;
    let before = filter.before.as_deref();
    let (syncs, _) = personnel.syncs(&caller.tenant, &of, limit, before).await?;
    syncs.into_iter().map(SyncView::of).collect::<Result<_>>().map(Json)
}

/// Shows a synchronisation of personnel, and how far it is.
#[utoipa::path(get, path = "/integrations/1c/syncs/{sync_id}", tag = "integrations",
    params(("sync_id" = String, Path, description = "Its id", format = "uuid",
        example = "00000000-0000-7000-8000-00000000000a"), OfConnection),
    responses((status = 200, body = SyncView, description = "How it stands"), Error, Missing,
        Conflict))]
async fn find_personnel_sync(
    State(personnel): State<Personnel>,
    caller: Caller,
    Path(id): Path<String>,
    Query(of): Query<OfConnection>,
) -> Result<Json<SyncView>> {
    let of = personnel.connection(&caller, of.named()).await?;
    SyncView::of(personnel.find(&caller.tenant, &of, &id).await?).map(Json)
}

/// Lists what a synchronisation of personnel changes, step by step.
#[utoipa::path(get, path = "/integrations/1c/syncs/{sync_id}/changes", tag = "integrations",
    params(("sync_id" = String, Path, description = "Its id", format = "uuid",
        example = "00000000-0000-7000-8000-00000000000a"), ChangeFilter),
    responses((status = 200, body = PersonnelChanges, description = "One step"), Error, Missing,
        Conflict))]
async fn list_personnel_changes(
    State(personnel): State<Personnel>,
    caller: Caller,
    Path(id): Path<String>,
    Query(filter): Query<ChangeFilter>,
) -> Result<Json<PersonnelChanges>> {
    let of = personnel.connection(&caller, filter.connection_id.as_deref()).await?;
    let sync = personnel.find(&caller.tenant, &of, &id).await?;
    let step = filter.step.unwrap_or(0);
    let (changes, next) = personnel.changes(&caller.tenant, &sync, step).await?;
    Ok(Json(PersonnelChanges { changes, next }))
}

/// Confirms a synchronisation that is held: so many have really left.
#[utoipa::path(post, path = "/integrations/1c/syncs/{sync_id}/confirm", tag = "integrations",
    params(("sync_id" = String, Path, description = "Its id", format = "uuid",
        example = "00000000-0000-7000-8000-00000000000a"), OfConnection),
    request_body = DecisionRequest,
    responses((status = 200, body = SyncView, description = "It goes on"), Error, Missing,
        Conflict))]
async fn confirm_personnel_sync(
    State(personnel): State<Personnel>,
    caller: Caller,
    Path(id): Path<String>,
    Query(of): Query<OfConnection>,
    JsonBody(why): JsonBody<DecisionRequest>,
) -> Result<Json<SyncView>> {
    personnel.decided(&caller, (&of, &id), (true, &why.reason)).await
}

/// Rejects a synchronisation that is held: nothing changes.
#[utoipa::path(post, path = "/integrations/1c/syncs/{sync_id}/reject", tag = "integrations",
    params(("sync_id" = String, Path, description = "Its id", format = "uuid",
        example = "00000000-0000-7000-8000-00000000000a"), OfConnection),
    request_body = DecisionRequest,
    responses((status = 200, body = SyncView, description = "It is dropped"), Error, Missing,
        Conflict))]
async fn reject_personnel_sync(
    State(personnel): State<Personnel>,
    caller: Caller,
    Path(id): Path<String>,
    Query(of): Query<OfConnection>,
    JsonBody(why): JsonBody<DecisionRequest>,
) -> Result<Json<SyncView>> {
    personnel.decided(&caller, (&of, &id), (false, &why.reason)).await
}

/// Lists who works there, as of the last synchronisation that was published.
#[utoipa::path(get, path = "/integrations/1c/personnel", tag = "integrations",
    params(PersonnelFilter),
    responses((status = 200, body = PersonnelList, description = "One page"), Error, Missing,
        Conflict))]
async fn list_personnel(
    State(personnel): State<Personnel>,
    caller: Caller,
    Query(filter): Query<PersonnelFilter>,
) -> Result<Json<PersonnelList>> {
    let limit = page_limit(filter.limit, 100, 1000)?;
    let of = personnel.connection(&caller, filter.connection_id.as_deref()).await?;
    let wish = Wish {
        department: filter.department,
        status: filter.status,
        behind: filter.cursor.unwrap_or_default(),
        limit,
    };
    let (people, next, roster) = personnel.people(&caller.tenant, &of, &wish).await?;
    Ok(Json(PersonnelList {
        personnel: people,
        total_count: roster.published.map_or(0, |set| set.total),
        connection_id: of,
        sync_id: roster.by_sync,
        published_at: roster.published_at.map(to_the_second),
        next,
    }))
}
