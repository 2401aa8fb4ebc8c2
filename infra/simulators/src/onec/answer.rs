//! How it answers: JSON under 200 or 500, exceptions as text or HTML, and the pages of the
//! web server that stands before it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::habits::Habits;

const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The type of texts.
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// What a method's code says when it fails.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception(pub String);

/// An exception in these words.
pub(super) fn exception<T>(told: impl Into<String>) -> Result<T, Exception> {
    Err(Exception(told.into()))
}

/// What a method answers.
pub(super) struct Answered {
    /// Whether what was asked was done; reading always is.
    pub done: bool,
    /// The body.
    pub body: String,
}

/// The answer of a method that did what it was asked.
pub(super) fn done(value: &impl Serialize) -> Result<Answered, Exception> {
    answered(true, value)
}

/// The answer of a method that did not.
pub(super) fn not_done(value: &impl Serialize) -> Result<Answered, Exception> {
    answered(false, value)
}

fn answered(done: bool, value: &impl Serialize) -> Result<Answered, Exception> {
    let body = serde_json::to_string(value);
    body.map(|body| Answered { done, body }).map_err(|error| Exception(error.to_string()))
}

/// What goes over the wire for it.
pub(super) fn respond(answered: Result<Answered, Exception>, habits: &Habits) -> Response {
    match answered {
        Ok(Answered { done, body }) => {
            let status = if done { StatusCode::OK } else { habits.not_done };
            let body = if habits.decimal_commas { with_commas(&body) } else { body };
            written(status, "application/json; charset=utf-8", &body, habits)
        }
        Err(Exception(told)) if habits.html_exceptions => page_of_exception(&told),
        Err(Exception(told)) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            written(status, PLAIN, &told, habits)
        }
    }
}

/// A text as 1C writes it.
pub(super) fn written(
    status: StatusCode,
    kind: &'static str,
    text: &str,
    habits: &Habits,
) -> Response {
    let mark = if habits.byte_order_mark { BYTE_ORDER_MARK } else { "" };
    (status, [(header::CONTENT_TYPE, kind)], format!("{mark}{text}")).into_response()
}

/// An exception as a page.
pub(super) fn page_of_exception(told: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><html><head><title>Internal Server Error</title></head>\
         <body><h1>Ошибка выполнения</h1><pre>{told}</pre></body></html>"
    );
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, HTML)], page).into_response()
}

/// A page of the web server, which knows nothing of 1C.
pub(super) fn page_of_server(status: StatusCode) -> Response {
    let title = format!("{} - {}", status.as_str(), status.canonical_reason().unwrap_or_default());
    let page = format!(
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\"><html><head>\
         <title>IIS 10.0 Detailed Error - {title}</title></head>\
         <body><h3>HTTP Error {title}</h3></body></html>"
    );
    let mut response = (status, [(header::CONTENT_TYPE, HTML)], page).into_response();
    let server = HeaderValue::from_static("Microsoft-IIS/10.0");
    response.headers_mut().insert(header::SERVER, server);
    response
}

fn with_commas(body: &str) -> String {
    let mut value: Value = serde_json::from_str(body).unwrap_or_default();
    rewrite(&mut value);
    value.to_string()
}

fn rewrite(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        Value::Object(members) => members.values_mut().for_each(rewrite),
        Value::Number(number) if number.is_f64() => {
            *value = Value::String(number.to_string().replace('.', ","));
        }
        _ => {}
    }
}
