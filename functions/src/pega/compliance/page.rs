//! The reports as a page to print: everything in it stands as text, whatever was sent.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use shared::error::{Error, Result};

use super::view::{CaseReport, EventReport};

/// What a browser may do for the page: nothing but draw it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// The report of an event as a page.
pub(super) fn of_event(report: &EventReport) -> Result<Response> {
    let report = serde_json::to_value(report).map_err(Error::internal)?;
    page(context! { kind => "event", report, events => [&report] })
}

/// The report of a case as a page.
pub(super) fn of_case(report: &CaseReport) -> Result<Response> {
    let report = serde_json::to_value(report).map_err(Error::internal)?;
    page(context! { kind => "case", report, events => report["events"] })
}

fn page(told: Value) -> Result<Response> {
    let mut pages = Environment::new();
    // What is not told is left out.
    pages.set_undefined_behavior(UndefinedBehavior::Chainable);
    pages.set_auto_escape_callback(|_| AutoEscape::Html);
    pages.add_template("page", include_str!("page.html")).map_err(Error::internal)?;
    let page = pages.get_template("page").map_err(Error::internal)?;
    let html = page.render(told).map_err(Error::internal)?;
    let mut response = Html(html).into_response();
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}
