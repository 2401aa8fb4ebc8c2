//! What goes wrong with a page: mishaps, each for so many calls of an address.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Extracted};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::call::Call;
use super::captcha::Captcha;
use super::habits::{Charset, Habits, Lost};
use super::layout::Layout;
use super::page::{Page, escaped, redirect};
use super::service::lost;
use super::session::SESSION_COOKIE;
use super::state::{Known, State};
use super::words::Language;
use crate::Fault;
use crate::fault::{broken_off, carry_out};

/// How many bytes go before a page that is huge.
const HUGE: usize = 6 * 1024 * 1024;

/// What goes wrong in one call.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// It goes wrong as any simulator does: it stalls, is cut off, is held, comes late.
    Goes(Fault),
    /// A page of the server with this status; nothing happens.
    Fails(StatusCode),
    /// 429 and a `Retry-After` of so many seconds; nothing happens.
    TooMany(u64),
    /// 200 and a page that says that it is closed; nothing happens.
    Maintenance(Language),
    /// A page that asks for a captcha; nothing happens.
    Captcha(Captcha),
    /// JSON and not a page; nothing happens.
    Json,
    /// 302 to the same path on another host; nothing happens.
    Elsewhere,
    /// 302 to an address that leads back and forth forever; nothing happens.
    RedirectLoop,
    /// The session ends before the page is made.
    SessionEnds(Lost),
    /// The page is as it should be, but of this type.
    WrongType(&'static str),
    /// The page breaks off in its middle, and the connection with it.
    BreaksOff,
    /// The first half of the page, as if that were all of it.
    HalfPage,
    /// The page comes after 6 MB of comment.
    Huge,
    /// The page has this markup.
    Layout(Layout),
    /// The page is encoded so.
    Charset(Charset),
}

impl Mishap {
    /// Whether nobody gets to see any cases by it.
    fn spoils(&self) -> bool {
        let comes = matches!(self, Self::Goes(Fault::Delay(_) | Fault::Held(..)));
        !comes && !matches!(self, Self::Layout(_) | Self::Charset(_))
    }
}

/// A mishap that is to come.
pub(super) struct Planned {
    pub at: String,
    pub times: usize,
    pub mishap: Mishap,
}

impl Planned {
    /// Whether it is for this call: by path, with a method before it and a page behind it
    /// where it says so.
    fn is_for(&self, call: &Call) -> bool {
        let (method, at) = self.at.split_once(' ').unwrap_or(("", &self.at));
        let (path, page) = match at.split_once("?page=") {
            Some((path, page)) => (path, page.parse().ok()),
            None => (at, None),
        };
        self.times > 0
            && path == call.path
            && (method.is_empty() || method == call.method.as_str())
            && page.is_none_or(|page: usize| page == call.page())
    }
}

/// The middleware that carries mishaps out.
pub(super) async fn go_wrong(
    Extracted(state): Extracted<Arc<State>>,
    Extension(call): Extension<Arc<Call>>,
    mut request: Request,
    next: Next,
) -> Response {
    let (mishap, mut habits) = {
        let mut known = state.locked();
        let due = known.mishaps.iter_mut().find(|planned| planned.is_for(&call));
        let mishap = due.map(|due| {
            due.times -= 1;
            due.mishap.clone()
        });
        if mishap.as_ref().is_some_and(Mishap::spoils)
            && let Some(user) = known.account_of(&call)
        {
            known.ledger.visit_ends(&user);
        }
        (mishap, known.habits.clone())
    };
    match mishap {
        None => next.run(request).await,
        Some(Mishap::Goes(fault)) => carry_out(Some(fault), request, next).await,
        Some(Mishap::Layout(layout)) => {
            habits.layout = layout;
            request.extensions_mut().insert(habits);
            next.run(request).await
        }
        Some(Mishap::Charset(charset)) => {
            habits.charset = charset;
            request.extensions_mut().insert(habits);
            next.run(request).await
        }
        Some(Mishap::BreaksOff) => broken_off(next.run(request).await).await,
        Some(Mishap::HalfPage) => {
            changed(next.run(request).await, |page| page.slice(..page.len() / 2)).await
        }
        Some(Mishap::Huge) => changed(next.run(request).await, huge).await,
        Some(Mishap::WrongType(kind)) => {
            let mut response = next.run(request).await;
            let kind = HeaderValue::from_static(kind);
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        Some(instead) => answer_instead(&mut state.locked(), &call, &instead, &habits),
    }
}

/// What comes in place of the page.
fn answer_instead(known: &mut Known, call: &Call, instead: &Mishap, habits: &Habits) -> Response {
    match instead {
        Mishap::Fails(status) => {
            let says = status.canonical_reason().unwrap_or("Error");
            Page::error(*status, says).respond(habits)
        }
        Mishap::TooMany(seconds) => {
            let page = Page::error(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            ([(header::RETRY_AFTER, seconds.to_string())], page.respond(habits)).into_response()
        }
        Mishap::Maintenance(language) => {
            let body = format!("<div class=\"notice\">{}</div>", escaped(language.maintenance()));
            let title = language.pick("Maintenance", "صيانة");
            Page::new(title, body).respond(&Habits { language: *language, ..habits.clone() })
        }
        Mishap::Captcha(captcha) => {
            let body = format!("<form method=\"post\">{}</form>", captcha.markup());
            Page::new(Captcha::unsolved(habits.language), body).respond(habits)
        }
        Mishap::Json => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (kind, "{\"data\":[],\"message\":\"Unauthenticated.\"}").into_response()
        }
        Mishap::Elsewhere => redirect(&format!("{}{}", known.provider, call.address())),
        Mishap::RedirectLoop => redirect("/loop/1"),
        Mishap::SessionEnds(how) => {
            if let Some(ended) = call.cookie(SESSION_COOKIE).and_then(|id| known.sessions.end(id))
                && let Some(user) = ended.user()
            {
                known.ledger.visit_ends(user);
            }
            lost(known, call, &Habits { lost: *how, ..habits.clone() })
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// With another body.
async fn changed(response: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(change(whole)))
}

fn huge(page: Bytes) -> Bytes {
    let mut all = Vec::with_capacity(HUGE + page.len());
    all.extend_from_slice(b"<!--");
    all.resize(HUGE, b'x');
    all.extend_from_slice(b"-->");
    all.extend_from_slice(&page);
    all.into()
}
