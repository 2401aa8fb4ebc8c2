//! Signing in elsewhere: the way to the identity provider, what that one shows on its own
//! host, and the way back.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State as Extracted};
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::accounts::Verdict;
use super::call::{Call, encoded};
use super::habits::{Habits, SignOn};
use super::login::sign_in;
use super::page::{Page, escaped, redirect};
use super::service::LARGEST;
use super::state::{Known, State};

/// The way to the identity provider.
pub(super) fn leave(known: &Known, sign_on: SignOn, habits: &Habits) -> Response {
    let (back, provider) = (format!("{}/sso/return", known.base), &known.provider);
    let there = format!("{provider}/authorize?return={}", encoded(&back));
    let title = habits.language.pick("Sign in with Nafath", "الدخول عبر نفاذ");
    let body = match sign_on {
        SignOn::Redirect => return redirect(&there),
        SignOn::Link => {
            format!("<a class=\"sso-login\" href=\"{}\">{title}</a>", escaped(&there))
        }
        SignOn::Form => format!(
            "<form method=\"post\" action=\"{provider}/authorize\">\
             <input type=\"hidden\" name=\"SAMLRequest\" value=\"PHNhbWxwOkF1dGhuUmVxdWVzdC8+\">\
             <input type=\"hidden\" name=\"return\" value=\"{}\">\
             <button type=\"submit\">{title}</button></form>",
            escaped(&back)
        ),
    };
    Page::new(title, body).respond(habits)
}

/// The way back: a ticket is good once.
pub(super) fn come_back(known: &mut Known, call: &Call, habits: &Habits) -> Response {
    let user = call.parameter("ticket").and_then(|ticket| known.tickets.remove(&ticket));
    match user {
        Some(user) => sign_in(known, None, &user, habits),
        None => redirect("/login"),
    }
}

/// The identity provider.
pub(super) fn provider(state: Arc<State>) -> Router {
    Router::new().fallback(serve).with_state(state)
}

async fn serve(Extracted(state): Extracted<Arc<State>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let call = Call::new(&parts, &body);
    let mut known = state.locked();
    let habits = known.habits.clone();
    known.ledger.provider_calls += 1;
    if call.path != "/authorize" {
        return Page::error(StatusCode::NOT_FOUND, "Not found").respond(&habits);
    }
    let back = match call.method {
        Method::POST => call.field("return").map(str::to_owned),
        _ => call.parameter("return"),
    };
    // It sends people only to where it knows.
    let Some(back) = back.filter(|back| *back == format!("{}/sso/return", known.base)) else {
        return Page::error(StatusCode::BAD_REQUEST, "Unknown service").respond(&habits);
    };
    match vouched(&mut known, &call, &habits) {
        Some(ticket) => redirect(&format!("{back}?ticket={ticket}")),
        None => form(&back, &habits),
    }
}

/// A ticket for whoever gives the right password here.
fn vouched(known: &mut Known, call: &Call, habits: &Habits) -> Option<String> {
    let (user, password) = (call.field("national_id")?, call.field("secret")?);
    let account = known.accounts.get_mut(user)?;
    if account.try_password(password, habits.wrong_until_locked) != Verdict::Right {
        return None;
    }
    known.tickets_given += 1;
    let ticket = format!("ST-{}-portal", known.tickets_given);
    known.tickets.insert(ticket.clone(), user.to_owned());
    Some(ticket)
}

fn form(back: &str, habits: &Habits) -> Response {
    let title = habits.language.pick("National single sign-on", "النفاذ الوطني الموحد");
    let body = format!(
        "<h1>{title}</h1><form method=\"post\" action=\"/authorize\">\
         <input type=\"hidden\" name=\"return\" value=\"{}\"><input name=\"national_id\">\
         <input type=\"password\" name=\"secret\"><button type=\"submit\">{title}</button></form>",
        escaped(back)
    );
    Page::new(title, body).respond(habits)
}
