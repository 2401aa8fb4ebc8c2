//! Routes of synchronisations.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, Missing, Path, Query, Routes, does_not_wait, page_limit};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::super::account::Account;
use super::super::portal::Outcome;
use super::super::sync::{Goal, NewSync, SyncRun, SyncState, syncs_of};
use super::envelope::Envelope;
use super::view::EnjazSyncView;
use super::{BASE, Enjaz};
use crate::access::permission::ENJAZ_SELF;
use crate::bulk;

/// What somebody is told who has nothing to synchronise. Source: the older service.
const NO_ACCOUNT: &str = "No Enjaz account found. Please connect your Enjaz account first.";

pub(super) fn routes() -> Routes<Enjaz> {
    let own = ENJAZ_SELF.of_people();
    Routes::new()
        .guarded(own, routes!(sync_enjaz_cases))
        .guarded(own, routes!(check_enjaz_account))
        .guarded(own, routes!(list_enjaz_syncs))
        .guarded(own, routes!(find_enjaz_sync))
}

/// Which account is meant, and what is believed of it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SyncWish {
    /// The account, if one has several.
    #[param(example = 1)]
    account_id: Option<i64>,
    /// Whether any number of cases may be missing. Otherwise, when very many are at once,
    /// none of them is taken for absent.
    #[serde(default)]
    accept_missing: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "headers are read by name; this is their documentation")]
struct SyncHeaders {
    /// `respond-async`: the answer is 202 at once, and the synchronisation can be watched.
    #[serde(rename = "Prefer")]
    prefer: Option<String>,
}

/// What came of a synchronisation.
#[derive(Debug, Serialize, ToSchema)]
struct SyncSummary {
    /// Whether everything was read.
    success: bool,
    #[schema(example = "Successfully synced 15 cases")]
    message: String,
    cases_imported: i64,
    cases_updated: i64,
    /// Cases that were read.
    total_cases: i64,
    /// More of it.
    sync: EnjazSyncView,
}

/// Synchronises the cases of an account.
///
/// The answer waits for up to twenty seconds; one that takes longer, is under way already, or
/// whose caller prefers not to wait, is answered with 202 and its place.
#[utoipa::path(post, path = "/api/v1/enjaz/sync-cases", tag = "enjaz",
    params(SyncWish, SyncHeaders),
    responses((status = 200, body = Envelope<SyncSummary>, description = "What came of it"),
        (status = 202, body = Envelope<SyncSummary>, description = "It goes on",
            headers(("Location" = String, description = "Where it can be watched"))),
        (status = 400, description = "There is no account"), Error, Conflict, Missing))]
async fn sync_enjaz_cases(
    State(here): State<Enjaz>,
    caller: Caller,
    Query(wish): Query<SyncWish>,
    headers: HeaderMap,
) -> Result<Response> {
    let Some(account) = here.means.chosen(&caller, wish.account_id).await? else {
        return Err(Error::malformed(NO_ACCOUNT));
    };
    let new = NewSync { goal: Goal::Cases, accepts_missing: wish.accept_missing };
    here.visit(&caller, &account, new, does_not_wait(&headers)).await
}

/// Tries whether one can sign in to the portal, and reads no cases.
#[utoipa::path(post, path = "/api/v1/enjaz/accounts/{account_id}/check", tag = "enjaz",
    params(("account_id" = i64, Path, description = "Its id", example = 1), SyncHeaders),
    responses((status = 200, body = Envelope<SyncSummary>, description = "What came of it"),
        (status = 202, body = Envelope<SyncSummary>, description = "It goes on",
            headers(("Location" = String, description = "Where it can be watched"))),
        Error, Conflict))]
async fn check_enjaz_account(
    State(here): State<Enjaz>,
    caller: Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response> {
    let account = here.means.account(&caller, id).await?;
    let new = NewSync { goal: Goal::SignIn, accepts_missing: false };
    here.visit(&caller, &account, new, does_not_wait(&headers)).await
}

impl Enjaz {
    /// Visits the portal, and answers what came of that or where it can be watched.
    async fn visit(
        &self,
        by: &Caller,
        account: &Account,
        new: NewSync,
        is_left: bool,
    ) -> Result<Response> {
        let (run, is_new) = self.means.start(by, account, new).await?;
        let run = match (is_new, is_left) {
            (true, false) => self.attendant.attend(run).await?,
            (true, true) => {
                self.attendant.leave(&run).await;
                run
            }
            (false, _) => run,
        };
        let told = Json(told(&run));
        if run.status() == SyncState::Ended {
            return Ok(told.into_response());
        }
        let place = format!("{BASE}/accounts/{}/syncs/{}", account.id, run.id());
        let place = HeaderValue::try_from(place).map_err(Error::internal)?;
        let mut headers = HeaderMap::from_iter([(header::LOCATION, place)]);
        if is_left {
            let applied = HeaderName::from_static("preference-applied");
            headers.insert(applied, HeaderValue::from_static("respond-async"));
        }
        Ok((StatusCode::ACCEPTED, headers, told).into_response())
    }
}

fn told(run: &SyncRun) -> Envelope<SyncSummary> {
    let sync = EnjazSyncView::from(run);
    let outcome = run.result.as_ref().and_then(|result| result.outcome);
    let success = matches!(outcome, Some(Outcome::Ok | Outcome::Connected));
    let message = match (outcome, run.status()) {
        (Some(Outcome::Ok), _) => format!("Successfully synced {} cases", run.seen.cases),
        (Some(outcome), _) => outcome.sentence().to_owned(),
        (None, SyncState::Running) => "The synchronisation is under way".to_owned(),
        (None, SyncState::Ended) => "The synchronisation did not go on".to_owned(),
    };
    let heading = match outcome {
        Some(Outcome::Ok) => "Cases synced successfully".to_owned(),
        _ => message.clone(),
    };
    let counts = run.result.as_ref().map(|result| result.counts).unwrap_or_default();
    let summary = SyncSummary {
        success,
        message,
        cases_imported: counts.imported,
        cases_updated: counts.updated,
        total_cases: run.seen.cases,
        sync,
    };
    match success || run.status() == SyncState::Running {
        true => Envelope::done(heading, summary),
        false => Envelope::not_done(heading, Some(summary)),
    }
}

/// Which synchronisations are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SyncsFilter {
    /// How many.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Only those that began before this one.
    before: Option<String>,
}

/// Lists an account's synchronisations, newest first.
#[utoipa::path(get, path = "/api/v1/enjaz/accounts/{account_id}/syncs", tag = "enjaz",
    params(("account_id" = i64, Path, description = "The account's id", example = 1), SyncsFilter),
    responses((status = 200, body = Envelope<Vec<EnjazSyncView>>, description = "One page"),
        Error))]
async fn list_enjaz_syncs(
    State(here): State<Enjaz>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(filter): Query<SyncsFilter>,
) -> Result<Json<Envelope<Vec<EnjazSyncView>>>> {
    let (limit, before) = (page_limit(filter.limit, 20, 100)?, filter.before.as_deref());
    let account = here.means.account(&caller, id).await?;
    let all = syncs_of(&caller.tenant, account.id);
    let (found, _) = bulk::newest::<SyncRun>(&here.means.table, &all, limit, before).await?;
    let views: Vec<_> = found.iter().map(EnjazSyncView::from).collect();
    Ok(Json(Envelope::done(format!("Retrieved {} synchronisations", views.len()), views)))
}

/// Shows how a synchronisation stands.
#[utoipa::path(get, path = "/api/v1/enjaz/accounts/{account_id}/syncs/{sync_id}", tag = "enjaz",
    params(("account_id" = i64, Path, description = "The account's id", example = 1),
        ("sync_id" = String, Path, description = "Its id", format = "uuid",
            example = "00000000-0000-7000-8000-00000000000c")),
    responses((status = 200, body = Envelope<EnjazSyncView>, description = "How it stands"),
        Error))]
async fn find_enjaz_sync(
    State(here): State<Enjaz>,
    caller: Caller,
    Path((id, sync_id)): Path<(i64, String)>,
) -> Result<Json<Envelope<EnjazSyncView>>> {
    let account = here.means.account(&caller, id).await?;
    let run = here.means.sync(&account, &sync_id).await?;
    Ok(Json(Envelope::done("Synchronisation retrieved successfully", EnjazSyncView::from(&run))))
}
