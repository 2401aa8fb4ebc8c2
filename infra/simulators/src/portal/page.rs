//! A page of HTML as it is sent.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use encoding_rs::WINDOWS_1256;

use super::habits::{Charset, Habits};

/// What a page of somebody who is signed in has, and no other has.
pub const SIGNED_IN: &str = ".user-menu";

/// A page.
pub(super) struct Page {
    status: StatusCode,
    title: &'static str,
    head: String,
    body: String,
    /// Who sees it, if somebody is signed in.
    user: Option<String>,
}

impl Page {
    /// One with this title and this markup.
    pub fn new(title: &'static str, body: impl Into<String>) -> Self {
        let (status, head) = (StatusCode::OK, String::new());
        Self { status, title, head, body: body.into(), user: None }
    }

    /// One that says one thing, with this status.
    pub fn error(status: StatusCode, says: &'static str) -> Self {
        Self { status, ..Self::new(says, format!("<h1>{}</h1>", escaped(says))) }
    }

    /// With this status.
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// With this markup in its head.
    pub fn head(self, head: String) -> Self {
        Self { head, ..self }
    }

    /// For somebody who is signed in.
    pub fn of(self, user: &str) -> Self {
        Self { user: Some(user.to_owned()), ..self }
    }

    /// As it is sent.
    pub fn respond(&self, habits: &Habits) -> Response {
        let html = self.html(habits);
        let (kind, body) = match habits.charset {
            Charset::Utf8 => ("text/html; charset=utf-8", html.into_bytes()),
            Charset::Windows1256 => {
                ("text/html; charset=windows-1256", WINDOWS_1256.encode(&html).0.into_owned())
            }
            Charset::Windows1256InMeta => ("text/html", WINDOWS_1256.encode(&html).0.into_owned()),
        };
        (self.status, [(header::CONTENT_TYPE, kind)], Body::from(body)).into_response()
    }

    fn html(&self, habits: &Habits) -> String {
        let language = habits.language;
        let (tag, direction) = (language.pick("en", "ar"), language.pick("ltr", "rtl"));
        let charset = match habits.charset {
            Charset::Utf8 => "utf-8",
            Charset::Windows1256 | Charset::Windows1256InMeta => "windows-1256",
        };
        let menu = self.user.as_ref().map_or_else(String::new, |user| {
            let (user, leave) = (escaped(user), language.pick("Sign out", "تسجيل الخروج"));
            format!("<nav class=\"user-menu\">{user} <a href=\"/logout\">{leave}</a></nav>")
        });
        let (title, head, body) = (escaped(self.title), &self.head, &self.body);
        format!(
            "<!DOCTYPE html>\n<html lang=\"{tag}\" dir=\"{direction}\">\n<head>\
             <meta charset=\"{charset}\"><title>{title}</title>{head}</head>\n<body>\n<header>\
             <form class=\"search\" action=\"/search\"><input type=\"hidden\" name=\"scope\" \
             value=\"all\"><input type=\"search\" name=\"q\"></form>{menu}</header>\n\
             <main>\n{body}\n</main>\n</body>\n</html>\n"
        )
    }
}

/// 302 to this address.
pub(super) fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
}

/// Sets a cookie too.
pub(super) fn with_cookie(mut response: Response, name: &str, value: &str) -> Response {
    let script = if name == "XSRF-TOKEN" { "" } else { "; HttpOnly" };
    let cookie = format!("{name}={value}; Path=/; SameSite=Lax{script}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// As text of HTML and as a value of an attribute.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}
