//! A call to be made over a connection.

use serde_json::Value as Json;
use shared::outbound::{Method, Reply};

use super::Failed;

/// What an answer says of who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// What its status says.
    AsItsStatus,
    /// The other side is well, whatever the status, and will say the same again.
    Well,
    /// The other side is not well, and will not be soon.
    NotForNow,
}

/// What is called, and with what.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Json>,
    pub(super) largest: Option<usize>,
    repeat: Repeat,
    judge: fn(&Reply) -> Judged,
}

/// Whether a call may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeat {
    AsItsMethod,
    Never,
    Harmless,
}

impl Request {
    /// A call of this method. The path begins with a slash and comes behind the
    /// connection's address; values in it are percent-encoded already.
    pub fn new(method: Method, path: &str) -> Self {
        let (query, headers) = (Vec::new(), Vec::new());
        Self {
            method,
            path: path.to_owned(),
            query,
            headers,
            body: None,
            largest: None,
            repeat: Repeat::AsItsMethod,
            judge: |_| Judged::AsItsStatus,
        }
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
        Self { repeat: Repeat::Never, ..self }
    }

    /// May be tried again though its method does not promise that this does no harm.
    #[must_use]
    pub fn harmless(self) -> Self {
        Self { repeat: Repeat::Harmless, ..self }
    }

    /// Takes an answer of up to this many bytes instead of the usual mebibyte.
    #[must_use]
    pub fn up_to(self, bytes: usize) -> Self {
        Self { largest: Some(bytes), ..self }
    }

    /// Whose answers are judged so where the status alone does not tell how the other side is.
    #[must_use]
    pub fn judged(self, judge: fn(&Reply) -> Judged) -> Self {
        Self { judge, ..self }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: Json) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Whether doing it twice is like doing it once.
    pub(super) fn may_repeat(&self) -> bool {
        match self.repeat {
            Repeat::AsItsMethod => self.method.is_idempotent(),
            Repeat::Never => false,
            Repeat::Harmless => true,
        }
    }

    /// Whether another attempt would bring nothing else, as far as the answer tells.
    pub(super) fn is_settled_by(&self, attempt: &Result<(Reply, i64), Failed>) -> bool {
        let judged = attempt.as_ref().map(|(reply, _)| self.judge(reply));
        matches!(judged, Ok(Judged::Well | Judged::NotForNow))
    }

    /// What an answer says of the other side.
    pub(super) fn judge(&self, reply: &Reply) -> Judged {
        (self.judge)(reply)
    }
}
