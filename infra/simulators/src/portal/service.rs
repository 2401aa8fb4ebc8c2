//! The way of a call: it is noted, may go wrong, and comes to its page.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Extracted};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};

use super::call::{Call, encoded};
use super::habits::{Gate, Habits, Lost};
use super::listing::{case, cases, not_found};
use super::mishaps::go_wrong;
use super::page::{Page, redirect};
use super::state::{Known, State, UnderWay};
use super::{factor, login, sso};
use crate::Faults;
use crate::fault::misbehave;

/// The largest body that it reads, in bytes.
pub(super) const LARGEST: usize = 64 * 1024;
/// The addresses that are there for one method alone.
const FIXED: [&str; 8] = [
    "/",
    "/login",
    "/auth/sign-in",
    "/login/verify",
    "/login/approval",
    "/dashboard",
    "/home",
    "/cases",
];

pub(super) fn router(state: Arc<State>, faults: Faults) -> Router {
    Router::new()
        .fallback(serve)
        .layer(from_fn_with_state(state.clone(), go_wrong))
        .layer(from_fn_with_state(faults, misbehave))
        .layer(from_fn_with_state(state.clone(), note))
        .with_state(state)
}

/// Takes the request apart, and notes it.
async fn note(Extracted(state): Extracted<Arc<State>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = Arc::new(Call::new(&parts, &body));
    let under_way = begun(&state, &call);
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(call);
    let response = next.run(request).await;
    if let Some(under_way) = under_way
        && response.status().as_u16() >= 400
    {
        under_way.failed();
    }
    response
}

fn begun(state: &Arc<State>, call: &Call) -> Option<UnderWay> {
    let now = (state.now)();
    let mut known = state.locked();
    let Known { habits, accounts, ledger, sessions, .. } = &mut *known;
    let secrets: Vec<&str> = accounts.values().map(|account| account.password.as_str()).collect();
    ledger.note(call, &[habits.fields.1, "otp", "captcha", "verify"], &secrets);
    let list = call.path == "/cases";
    if (list || call.path.starts_with("/cases/"))
        && let Some((_, session)) = sessions.of(call)
        && let Some(user) = session.user()
    {
        if list {
            ledger.visit_begins(user);
        }
        ledger.pauses.extend(session.last_page.map(|last| now.saturating_sub(last)));
        session.last_page = Some(now);
    }
    let user = known.account_of(call)?;
    let is_login = known.is_login(call);
    Some(UnderWay::enter(state, &mut known, user, is_login))
}

async fn serve(
    Extracted(state): Extracted<Arc<State>>,
    Extension(call): Extension<Arc<Call>>,
    odd: Option<Extension<Habits>>,
) -> Response {
    let mut known = state.locked();
    let habits = odd.map_or_else(|| known.habits.clone(), |Extension(habits)| habits);
    if call.method == Method::POST {
        post(&mut known, &call, &habits)
    } else if call.method == Method::GET || call.method == Method::HEAD {
        get(&mut known, &call, &habits)
    } else {
        elsewhere(&call, &habits)
    }
}

fn post(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    let has_form = !matches!(habits.gate, Gate::SingleSignOn(_));
    match call.path.as_str() {
        path if has_form && path == known.login_path() => login::submit(known, call, habits),
        "/login/verify" => factor::verify(known, call, habits),
        "/logout" => leave(known, call),
        _ => elsewhere(call, habits),
    }
}

fn get(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    match call.path.as_str() {
        "/" => redirect(habits.landing),
        "/login" => login::show(known, call, habits),
        "/login/verify" => factor::show_code(known, call, habits),
        "/login/approval" => factor::approval(known, call, habits),
        "/sso/return" => sso::come_back(known, call, habits),
        "/logout" => leave(known, call),
        "/loop/1" => redirect("/loop/2"),
        "/loop/2" => redirect("/loop/1"),
        path => {
            let user = known.sessions.of(call).and_then(|(_, session)| session.user());
            let user = user.map(str::to_owned);
            let number = path.strip_prefix("/cases/");
            match (path, number, user) {
                ("/cases", _, Some(user)) => cases(known, &user, call, habits),
                (_, Some(number), Some(user)) => case(known, &user, number, habits),
                ("/dashboard" | "/home", _, Some(user)) if path == habits.landing => {
                    dashboard(&user, habits)
                }
                ("/cases", _, None) | (_, Some(_), None) => lost(known, call, habits),
                (path, _, None) if path == habits.landing => lost(known, call, habits),
                _ => elsewhere(call, habits),
            }
        }
    }
}

/// What comes of a page that only those see who are signed in.
pub(super) fn lost(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    match habits.lost {
        Lost::Redirect => redirect(&format!("/login?next={}", encoded(&call.address()))),
        Lost::LoginPage => login::show(known, call, habits),
    }
}

fn dashboard(user: &str, habits: &Habits) -> Response {
    let (title, cases) = (
        habits.language.pick("Dashboard", "لوحة التحكم"),
        habits.language.pick("My cases", "قضاياي"),
    );
    let body = format!("<h1>{title}</h1><a href=\"/cases\">{cases}</a>");
    Page::new(title, body).of(user).respond(habits)
}

/// Signs out.
fn leave(known: &mut Known, call: &Call) -> Response {
    let id = known.sessions.of(call).map(|(id, _)| id);
    let ended = id.and_then(|id| known.sessions.end(&id));
    if let Some(user) = ended.as_ref().and_then(|session| session.user()) {
        known.ledger.visit_ends(user);
    }
    redirect("/login")
}

/// An address that is not there, or not for this method.
fn elsewhere(call: &Call, habits: &Habits) -> Response {
    let there = FIXED.contains(&call.path.as_str());
    if !there || (call.method == Method::GET && call.path != "/auth/sign-in") {
        return not_found(habits);
    }
    let says = habits.language.pick("Method not allowed", "الطريقة غير مسموحة");
    Page::error(StatusCode::METHOD_NOT_ALLOWED, says).respond(habits)
}
