//! A call to be made over a connection.

use serde_json::Value as Json;
use shared::outbound::Method;

/// What is called, and with what.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Json>,
}

impl Request {
    /// A call of this method. The path begins with a slash and comes behind the
    /// connection's address; values in it are percent-encoded already.
    pub fn new(method: Method, path: &str) -> Self {
        Self { method, path: path.to_owned(), query: Vec::new(), body: None }
    }

    /// Asks for something.
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: Json) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Whether doing it twice is like doing it once, as its method promises.
    pub(super) fn may_repeat(&self) -> bool {
        self.method.is_idempotent()
    }
}
