//! How it knows a form as one that it showed itself: the ways of well-known frameworks.

use axum::http::StatusCode;

use super::call::{Call, encoded};
use super::page::escaped;
use super::session::Session;

/// One of these ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Csrf {
    /// It does not care.
    Unchecked,
    /// Field `_token` (Laravel).
    Token,
    /// Field `__RequestVerificationToken` and a cookie of its own (ASP.NET).
    RequestVerification,
    /// Field `csrfmiddlewaretoken` and cookie `csrftoken` (Django).
    Middleware,
    /// Field `authenticity_token` (Rails).
    Authenticity,
    /// Fields `__VIEWSTATE`, `__VIEWSTATEGENERATOR` and `__EVENTVALIDATION` (Web Forms).
    ViewState,
    /// Fields `execution`, of which only the newest is good, and `_eventId` (CAS).
    Execution,
    /// `<meta name="csrf-token">`, wanted back in the header `X-CSRF-TOKEN`.
    Meta,
    /// Cookie `XSRF-TOKEN`, percent-encoded, wanted back decoded in the header `X-XSRF-TOKEN`.
    XsrfCookie,
}

impl Csrf {
    /// All ways that check something.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::RequestVerification,
        Self::Middleware,
        Self::Authenticity,
        Self::ViewState,
        Self::Execution,
        Self::Meta,
        Self::XsrfCookie,
    ];

    /// The status of a form that is none of its own.
    pub fn refusal(self) -> StatusCode {
        match self {
            Self::Token | Self::Meta | Self::XsrfCookie => page_expired(),
            Self::RequestVerification => StatusCode::BAD_REQUEST,
            Self::Authenticity => StatusCode::UNPROCESSABLE_ENTITY,
            Self::ViewState => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unchecked | Self::Middleware | Self::Execution => StatusCode::FORBIDDEN,
        }
    }

    /// The hidden fields.
    pub(super) fn fields(self, session: &Session) -> Vec<(&'static str, String)> {
        let token = session.token("form");
        match self {
            Self::Unchecked | Self::Meta | Self::XsrfCookie => Vec::new(),
            Self::Token => vec![("_token", token)],
            Self::RequestVerification => vec![("__RequestVerificationToken", token)],
            Self::Middleware => vec![("csrfmiddlewaretoken", token)],
            Self::Authenticity => vec![("authenticity_token", token)],
            Self::ViewState => vec![
                ("__VIEWSTATE", format!("/wEPDwUKLTE+{token}")),
                ("__VIEWSTATEGENERATOR", "C2EE9ABB".to_owned()),
                ("__EVENTVALIDATION", format!("/wEdAAQ+{}", session.token("event"))),
            ],
            Self::Execution => vec![
                ("execution", format!("e1s{}_{token}", session.shown)),
                ("_eventId", "submit".to_owned()),
            ],
        }
    }

    /// The cookie that goes with the form, as it is sent.
    pub(super) fn cookie(self, session: &Session) -> Option<(&'static str, String)> {
        match self {
            Self::RequestVerification => {
                Some((".AspNetCore.Antiforgery.w5W7x28NAIs", session.token("cookie")))
            }
            Self::Middleware => Some(("csrftoken", session.token("form"))),
            Self::XsrfCookie => Some(("XSRF-TOKEN", encoded(&session.token("header")))),
            _ => None,
        }
    }

    /// What goes into the head of the page.
    pub(super) fn head(self, session: &Session) -> String {
        match self {
            Self::Meta => {
                let token = session.token("header");
                format!("<meta name=\"csrf-token\" content=\"{}\">", escaped(&token))
            }
            _ => String::new(),
        }
    }

    /// Whether a form is of a page that this session was shown.
    pub(super) fn holds(self, session: &Session, call: &Call) -> bool {
        let header = match self {
            Self::Meta => Some("x-csrf-token"),
            Self::XsrfCookie => Some("x-xsrf-token"),
            _ => None,
        };
        let fields = self.fields(session);
        fields.iter().all(|(name, value)| call.field(name) == Some(value))
            && self.cookie(session).is_none_or(|(name, value)| call.cookie(name) == Some(&value))
            && header.is_none_or(|name| call.header(name) == Some(&session.token("header")))
    }
}

/// Laravel's 419, which no standard knows.
fn page_expired() -> StatusCode {
    StatusCode::from_u16(419).unwrap_or(StatusCode::FORBIDDEN)
}
