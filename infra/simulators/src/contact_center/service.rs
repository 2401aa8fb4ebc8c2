//! Its methods, each at its path. Nobody has to sign in.

use std::sync::Arc;

use axum::extract::{Query, State as Extracted};
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};

use super::query::{Asked, Refusal, error};
use super::state::{Centre, Known, Mishap};
use super::{chats, history, intervals, online};
use crate::Faults;
use crate::fault::{broken_off, misbehave};

/// What a list method makes of a request.
type Method = fn(&Known, &Asked) -> Result<Vec<Value>, Refusal>;

const METHODS: [(&str, Method); 7] = [
    ("/historic/serviceGroupData", intervals::service_group_data),
    ("/historic/agentStatusData", history::agent_status_data),
    ("/historic/agentLoginData", history::agent_login_data),
    ("/historic/agentCallsData", history::agent_calls_data),
    ("/historic/agentChatsWorkTime", chats::agent_chats_work_time),
    ("/online/agentStatus", online::agent_status),
    ("/online/groupsOnlineLoad", online::groups_online_load),
];

pub(super) fn router(state: Arc<Centre>, faults: Faults) -> Router {
    let lists = METHODS.into_iter().fold(Router::new(), |router, (path, method)| {
        let handler = move |state, uri, query| list(state, uri, query, method);
        router.route(path, get(handler))
    });
    lists
        .route("/personnel", get(personnel))
        .fallback(unknown)
        .layer(from_fn_with_state(faults, misbehave))
        .with_state(state)
}

type Parameters = Query<Vec<(String, String)>>;

async fn list(
    Extracted(centre): Extracted<Arc<Centre>>,
    uri: Uri,
    Query(parameters): Parameters,
    method: Method,
) -> Response {
    let (found, mishap) = {
        let mut known = centre.locked();
        let mishap = noted(&mut known, &uri);
        let found = method(&known, &Asked(parameters));
        let nothing = found.as_ref().is_ok_and(Vec::is_empty) && !known.habits.empty_lists;
        (if nothing { Err(Refusal::NoData) } else { found }, mishap)
    };
    answer(found, mishap).await
}

async fn personnel(
    Extracted(centre): Extracted<Arc<Centre>>,
    uri: Uri,
    Query(parameters): Parameters,
) -> Response {
    let (found, mishap) = {
        let mut known = centre.locked();
        let mishap = noted(&mut known, &uri);
        let step = if matches!(mishap, Some(Mishap::HalfOfPeople)) { 2 } else { 1 };
        let agents = known.agents.values().filter(|agent| !agent.groups.is_empty()).step_by(step);
        let told = json!({"services": known.services, "agents": agents.collect::<Vec<_>>()});
        (Asked(parameters).only(&[]).map(|()| told), mishap)
    };
    answer(found, mishap).await
}

/// Notes a call down, and answers what goes wrong in it.
fn noted(known: &mut Known, uri: &Uri) -> Option<Mishap> {
    let path = uri.path();
    *known.calls.entry(path.to_owned()).or_default() += 1;
    known.asked.push(uri.path_and_query().map(ToString::to_string).unwrap_or_default());
    known.mishaps.get_mut(path)?.pop_front()
}

async fn answer(found: Result<impl Serialize, Refusal>, mishap: Option<Mishap>) -> Response {
    let response = match found {
        _ if matches!(mishap, Some(Mishap::Fails)) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return error(status, "", "Internal error", "The database does not answer");
        }
        Ok(found) => Json(found).into_response(),
        Err(refusal) => refusal.into_response(),
    };
    if matches!(mishap, Some(Mishap::BreaksOff)) { broken_off(response).await } else { response }
}

/// An address that the server does not have is a page, as of any servlet container.
async fn unknown() -> Response {
    (StatusCode::NOT_FOUND, Html("<h1>HTTP Status 404 – Not Found</h1>")).into_response()
}
