//! A request, taken apart.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::form_urlencoded::parse;

type Pairs = Vec<(String, String)>;

/// What was asked.
pub(super) struct Call {
    pub method: Method,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    pub headers: HeaderMap,
    /// The fields of a form, if the body is one.
    pub form: Option<Pairs>,
}

impl Call {
    pub fn new(parts: &Parts, body: &[u8]) -> Self {
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let is_form = kind.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            form: is_form.then(|| parse(body).into_owned().collect()),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.get_all(header::COOKIE).into_iter();
        let pairs = all.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(of, value)| (of == name).then_some(value))
    }

    /// A field of the form.
    pub fn field(&self, name: &str) -> Option<&str> {
        let fields = self.form.as_ref()?;
        fields.iter().find_map(|(of, value)| (of == name).then_some(value.as_str()))
    }

    /// The parameters of the query.
    pub fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        parse(self.query.as_bytes()).into_owned()
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().find_map(|(of, value)| (of == name).then_some(value))
    }

    /// Which page of a list is asked for, counted from 1.
    pub fn page(&self) -> usize {
        self.parameter("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
    }

    /// Path and query.
    pub fn address(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// As a segment of a path, or as a value of a query or of a cookie.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// What a segment of a path says.
pub(super) fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
