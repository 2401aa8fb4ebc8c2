//! The way of a call: the web server, the sign-in, the session, the method, the answer.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State as Extracted};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::answer::{self, Answered, Exception, PLAIN, exception};
use super::habits::Mishap;
use super::session::set_cookie;
use super::state::{Known, State};
use super::{
    INSTANCE, SERVICE, USER, agents, fact, ledger, norm_hours, read, schedule, time_types,
};
use crate::Faults;
use crate::authorization::{basic, credentials};
use crate::fault::{broken_off, misbehave};

/// The largest body that it reads, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;
const NO_LICENCE: &str = "Не обнаружено свободной лицензии!";

pub(super) fn router(state: Arc<State>, faults: Faults) -> Router {
    Router::new()
        .fallback(serve)
        .layer(from_fn_with_state(faults, misbehave))
        .layer(from_fn_with_state(state.clone(), ledger::note))
        .with_state(state)
}

/// What an address is below the service, if it is one of the service.
pub(super) fn below_service(uri: &Uri) -> Option<&str> {
    let inside = uri.path().strip_prefix('/')?.strip_prefix(INSTANCE)?;
    inside.strip_prefix("/hs/")?.strip_prefix(SERVICE)?.strip_prefix('/')
}

async fn serve(Extracted(state): Extracted<Arc<State>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !parts.uri.path().starts_with(&format!("/{INSTANCE}/")) {
        return answer::page_of_server(StatusCode::NOT_FOUND);
    }
    if !is_user(&parts.headers) {
        let realm = [(header::WWW_AUTHENTICATE, "Basic realm=\"1C:Enterprise 8.3\"")];
        return (StatusCode::UNAUTHORIZED, realm).into_response();
    }
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return answer::page_of_server(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let (response, mishap) = in_session(&state, &parts.method, &parts.uri, &parts.headers, &body);
    match mishap {
        Some(Mishap::BreaksOff) => broken_off(response).await,
        Some(Mishap::Slow(time)) => {
            tokio::time::sleep(time).await;
            response
        }
        _ => response,
    }
}

fn is_user(headers: &HeaderMap) -> bool {
    let given = match credentials(headers) {
        Some(("Basic", value)) => basic(value),
        _ => None,
    };
    given.is_some_and(|(user, password)| (user.as_str(), password.as_str()) == USER)
}

fn in_session(
    state: &State,
    verb: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> (Response, Option<Mishap>) {
    let mut known = state.locked();
    let called = below_service(uri).and_then(|path| known.names.called(path));
    let Some((method, rest)) = called else {
        return (answer::page_of_server(StatusCode::NOT_FOUND), None);
    };
    let allowed = if method == "agents" { Method::GET } else { Method::POST };
    if *verb != allowed {
        return (answer::page_of_server(StatusCode::METHOD_NOT_ALLOWED), None);
    }
    if known.sessions.is_lost(headers) {
        let (lost, told) = (known.habits.session_lost, "Сеанс отсутствует или удален");
        return (answer::written(lost, PLAIN, told, &known.habits), None);
    }
    let mishap = known.next_mishap(method);
    if let Some(Mishap::NoLicence(status)) = mishap {
        return (answer::written(status, PLAIN, NO_LICENCE, &known.habits), None);
    }
    let started = known.sessions.enter(headers);
    let mut response = match &mishap {
        Some(Mishap::HtmlPage) => answer::page_of_exception("Ошибка при вызове метода контекста"),
        mishap => {
            let answered = run(&mut known, method, &rest, body, mishap.as_ref());
            answer::respond(answered, &known.habits)
        }
    };
    if let Some(cookie) = started.and_then(|id| set_cookie(&id, INSTANCE)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    (response, mishap)
}

fn run(
    known: &mut Known,
    method: &'static str,
    rest: &str,
    body: &[u8],
    mishap: Option<&Mishap>,
) -> Result<Answered, Exception> {
    let asked = if method == "agents" { Value::Null } else { read::body(body)? };
    known.calls.bodies.entry(method.to_owned()).or_default().push(asked.clone());
    if let Some(Mishap::Exception(told)) = mishap {
        return exception(told);
    }
    let place = known.habits.place;
    let asked = || read::Members::of(&asked, place);
    match method {
        "agents" => agents::agents(known, rest.split_once('/').unwrap_or_default(), mishap),
        "getNormHours" => norm_hours::norm_hours(known, asked()?, mishap),
        "sendSchedule" => schedule::send_schedule(known, asked()?, mishap),
        "getTimetypeInfo" => time_types::time_types(known, asked()?, mishap),
        _ => fact::send_fact_work_time(known, asked()?, mishap),
    }
}
