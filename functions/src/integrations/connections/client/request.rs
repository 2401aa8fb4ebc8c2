//! A call to be made over a connection.

use serde_json::Value as Json;
use shared::outbound::Method;

/// What is called, and with what.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Json>,
    pub(super) once: bool,
}

impl Request {
    /// A call of this method. The path begins with a slash and comes behind the
    /// connection's address; values in it are percent-encoded already.
    pub fn new(method: Method, path: &str) -> Self {
        let (query, headers) = (Vec::new(), Vec::new());
        Self { method, path: path.to_owned(), query, headers, body: None, once: false }
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

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Not to be tried again, whatever its method promises: who calls decides on that.
    #[must_use]
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: Json) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Whether doing it twice is like doing it once, as its method promises.
    pub(super) fn may_repeat(&self) -> bool {
        !self.once && self.method.is_idempotent()
    }
}
