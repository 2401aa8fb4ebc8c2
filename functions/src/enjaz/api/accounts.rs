//! Routes of accounts.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Missing, Path, Query, Routes};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::super::connect::{Changes, NewAccount};
use super::super::credentials::{self, SignIn};
use super::Enjaz;
use super::envelope::Envelope;
use super::view::AccountView;
use crate::access::permission::ENJAZ_SELF;

/// The older service's words.
const CONNECTED: &str = "Enjaz account connected successfully";
const UPDATED: &str = "Enjaz account updated successfully";

pub(super) fn routes() -> Routes<Enjaz> {
    let own = ENJAZ_SELF.of_people();
    Routes::new()
        .guarded(own, routes!(connect_enjaz_account))
        .guarded(own, routes!(hand_enjaz_session_over))
        .guarded(own, routes!(find_enjaz_account_status))
        .guarded(own, routes!(disconnect_enjaz_account))
        .guarded(own, routes!(list_enjaz_accounts))
        .guarded(own, routes!(update_enjaz_account))
        .guarded(own, routes!(pause_enjaz_account))
        .guarded(own, routes!(resume_enjaz_account))
}

/// What somebody signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConnectRequest {
    #[schema(min_length = 1, max_length = 255, example = "enjaz_username")]
    username: String,
    #[schema(min_length = 1, max_length = 1024, format = Password, example = "enjaz_password")]
    password: String,
    /// What the account is called, if one has several: another label is another account.
    #[schema(min_length = 1, max_length = 64)]
    label: Option<String>,
    /// Minutes between two synchronisations.
    #[schema(minimum = 5, maximum = 10_080)]
    interval_minutes: Option<i64>,
}

/// A session that somebody began.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SessionRequest {
    /// The portal's cookies of a browser that is signed in: their names and values.
    cookies: BTreeMap<String, String>,
    #[schema(min_length = 1, max_length = 64)]
    label: Option<String>,
    #[schema(minimum = 5, maximum = 10_080)]
    interval_minutes: Option<i64>,
}

/// Which account is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OfAccount {
    /// The account, if one has several.
    #[param(example = 1)]
    pub account_id: Option<i64>,
}

/// Connects an account, or gives one other credentials.
///
/// They are kept in the vault, and tried when its cases are synchronised; `check` tries them
/// at once.
#[utoipa::path(post, path = "/api/v1/enjaz/connect", tag = "enjaz",
    request_body = ConnectRequest,
    responses((status = 200, body = Envelope<AccountView>, description = "It is connected"),
        Error, Conflict))]
async fn connect_enjaz_account(
    State(here): State<Enjaz>,
    caller: Caller,
    JsonBody(given): JsonBody<ConnectRequest>,
) -> Result<Json<Envelope<AccountView>>> {
    let sign_in = credentials::password(given.username, given.password)?;
    here.connected(&caller, given.label, given.interval_minutes, sign_in).await
}

/// Connects an account by a session that its user began in a browser.
///
/// For portals where one signs in through single sign-on, with a second factor or a captcha:
/// a password alone cannot be used there.
#[utoipa::path(post, path = "/api/v1/enjaz/session", tag = "enjaz",
    request_body(content = SessionRequest, example = json!({ "cookies": { "SESSION": "5f0e" } })),
    responses((status = 200, body = Envelope<AccountView>, description = "It is connected"),
        Error, Conflict))]
async fn hand_enjaz_session_over(
    State(here): State<Enjaz>,
    caller: Caller,
    JsonBody(given): JsonBody<SessionRequest>,
) -> Result<Json<Envelope<AccountView>>> {
    let cookies = credentials::cookies(given.cookies)?;
    let profile = here.means.portal(&caller.tenant).await?.profile;
    let session = here.means.portals.hand_over(&profile, cookies)?;
    let sign_in = SignIn::Session(session.cookies());
    here.connected(&caller, given.label, given.interval_minutes, sign_in).await
}

impl Enjaz {
    async fn connected(
        &self,
        by: &Caller,
        label: Option<String>,
        interval_minutes: Option<i64>,
        sign_in: SignIn,
    ) -> Result<Json<Envelope<AccountView>>> {
        let new = NewAccount { label, interval_minutes, sign_in };
        let (account, is_new) = self.means.connect(by, new).await?;
        let message = if is_new { CONNECTED } else { UPDATED };
        Ok(Json(Envelope::done(message, AccountView::from(&account))))
    }

    async fn updated(&self, by: &Caller, id: i64, changes: Changes, message: &str) -> Told {
        let account = self.means.update(by, id, changes).await?;
        Ok(Json(Envelope::done(message, AccountView::from(&account))))
    }
}

type Told = Result<Json<Envelope<AccountView>>>;

/// Tells whether an account is connected. Of several it tells of the oldest, if none is named.
#[utoipa::path(get, path = "/api/v1/enjaz/account-status", tag = "enjaz", params(OfAccount),
    responses((status = 200, body = Envelope<AccountView>, description = "How it stands"), Error,
        Missing))]
async fn find_enjaz_account_status(
    State(here): State<Enjaz>,
    caller: Caller,
    Query(of): Query<OfAccount>,
) -> Told {
    let account = match of.account_id {
        Some(id) => Some(here.means.account(&caller, id).await?),
        None => here.means.accounts(&caller).await?.into_iter().next(),
    };
    Ok(Json(match account {
        Some(account) => Envelope::done("Enjaz account is connected", AccountView::from(&account)),
        None => Envelope::nothing("No Enjaz account connected"),
    }))
}

/// Which account is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LeavingAccount {
    /// The account, if one has several.
    #[param(example = 3)]
    account_id: Option<i64>,
}

/// What was removed.
#[derive(Debug, Serialize, ToSchema)]
struct Disconnected {
    account_deleted: bool,
    cases_deleted: usize,
}

/// Disconnects an account: it, its credentials and its cases are deleted.
#[utoipa::path(delete, path = "/api/v1/enjaz/disconnect", tag = "enjaz",
    params(LeavingAccount),
    responses((status = 200, body = Envelope<Disconnected>, description = "What was deleted"),
        Error, Conflict, Missing))]
async fn disconnect_enjaz_account(
    State(here): State<Enjaz>,
    caller: Caller,
    Query(of): Query<LeavingAccount>,
) -> Result<Json<Envelope<Disconnected>>> {
    let Some(account) = here.means.chosen(&caller, of.account_id).await? else {
        return Ok(Json(Envelope::nothing("No Enjaz account found to disconnect")));
    };
    let (cases_deleted, hint) = here.means.disconnect(&caller, account.id).await?;
    here.remove(hint).await;
    let message = format!(
        "Enjaz account disconnected successfully. {cases_deleted} associated cases were also \
         deleted."
    );
    Ok(Json(Envelope::done(message, Disconnected { account_deleted: true, cases_deleted })))
}

impl Enjaz {
    /// Removes what an account left; if that breaks off, a worker does.
    async fn remove(&self, hint: shared::queue::Hint) {
        if let Err(error) = self.removing.deliver(hint).await {
            tracing::warn!(%error, "what an account left is removed later");
        }
    }
}

/// Lists the accounts that one has connected.
#[utoipa::path(get, path = "/api/v1/enjaz/accounts", tag = "enjaz",
    responses((status = 200, body = Envelope<Vec<AccountView>>, description = "All of them"),
        Error))]
async fn list_enjaz_accounts(
    State(here): State<Enjaz>,
    caller: Caller,
) -> Result<Json<Envelope<Vec<AccountView>>>> {
    let accounts = here.means.accounts(&caller).await?;
    let views: Vec<_> = accounts.iter().map(AccountView::from).collect();
    Ok(Json(Envelope::done(format!("Retrieved {} accounts", views.len()), views)))
}

/// What is to be different about an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountChanges {
    /// Minutes between two synchronisations.
    #[schema(minimum = 5, maximum = 10_080)]
    interval_minutes: i64,
}

/// Changes how often an account is synchronised.
#[utoipa::path(patch, path = "/api/v1/enjaz/accounts/{account_id}", tag = "enjaz",
    params(("account_id" = i64, Path, description = "Its id", example = 1)),
    request_body = AccountChanges,
    responses((status = 200, body = Envelope<AccountView>, description = "As it is now"), Error,
        Conflict))]
async fn update_enjaz_account(
    State(here): State<Enjaz>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonBody(given): JsonBody<AccountChanges>,
) -> Told {
    let interval_minutes = Some(given.interval_minutes);
    here.updated(&caller, id, Changes { interval_minutes, paused: None }, UPDATED).await
}

/// Has an account synchronised on demand only.
#[utoipa::path(post, path = "/api/v1/enjaz/accounts/{account_id}/pause", tag = "enjaz",
    params(("account_id" = i64, Path, description = "Its id", example = 1)),
    responses((status = 200, body = Envelope<AccountView>, description = "As it is now"), Error,
        Conflict))]
async fn pause_enjaz_account(
    State(here): State<Enjaz>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Told {
    let changes = Changes { paused: Some(true), ..Changes::default() };
    here.updated(&caller, id, changes, "Scheduled synchronisation is paused").await
}

/// Has an account synchronised on schedule again.
#[utoipa::path(post, path = "/api/v1/enjaz/accounts/{account_id}/resume", tag = "enjaz",
    params(("account_id" = i64, Path, description = "Its id", example = 1)),
    responses((status = 200, body = Envelope<AccountView>, description = "As it is now"), Error,
        Conflict))]
async fn resume_enjaz_account(
    State(here): State<Enjaz>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Told {
    let changes = Changes { paused: Some(false), ..Changes::default() };
    here.updated(&caller, id, changes, "Scheduled synchronisation goes on").await
}
