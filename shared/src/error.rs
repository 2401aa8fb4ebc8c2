//! How anything fails. A domain says what is wrong and where; what that means
//! to an HTTP caller is decided in [`crate::web::problem`], and to a queued job
//! in [`crate::jobs`]. The cause of an internal failure is logged once, where
//! it is handled, and never shown to a caller.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limit::Quota;

/// Result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in words that may be shown to the caller.
#[derive(Debug)]
pub struct Error {
    /// Which of the few kinds of failure this is.
    pub kind: Kind,
    /// One sentence for a person.
    pub detail: String,
    /// The fields at fault, if any.
    pub fields: Vec<FieldError>,
    /// When it is worth trying again.
    pub retry_after: Option<Duration>,
    /// What is left of the caller's requests, when that is what is wrong.
    pub quota: Option<Quota>,
    /// The cause, for the log only.
    pub cause: Option<anyhow::Error>,
}

/// One field at fault: where it is and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's path in the request, for example `caseId` or `header Idempotency-Key`.
    pub field: String,
    /// What is wrong, without the field's name.
    pub message: String,
}

/// The kinds of failure that callers can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read at all.
    Malformed,
    /// The request was read, and some value in it is not acceptable.
    Invalid,
    /// Nobody is known to be calling.
    Unauthorized,
    /// The caller is known and may not do this.
    Forbidden,
    /// There is no such thing, or it is another tenant's.
    NotFound,
    /// The path exists, with other methods.
    MethodNotAllowed,
    /// The thing is not in a state that allows this.
    Conflict,
    /// The thing was changed since the version that the caller saw.
    Stale,
    /// Somebody holds the thing just now; the caller should repeat.
    Locked,
    /// The body is larger than is accepted.
    TooLarge,
    /// The body is of a kind that is not accepted.
    UnsupportedMedia,
    /// The caller made more requests than are granted.
    TooMany,
    /// Something this depends on does not answer; the caller should repeat.
    Unavailable,
    /// Something this depends on refused, which is no fault of the caller's.
    RefusedElsewhere,
    /// It is not known whether what was to be done was done.
    OutcomeUnknown,
    /// A fault of ours.
    Internal,
}

impl Error {
    /// An error of this kind with this sentence.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, detail, fields: Vec::new(), retry_after: None, quota: None, cause: None }
    }

    /// The request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, detail)
    }

    /// One field's value is not acceptable: the sentence is `field message`.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(Kind::Invalid, format!("{field} {message}")).field(field, message)
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, detail)
    }

    /// Something this depends on does not answer.
    pub fn unavailable(cause: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(Kind::Unavailable, "The service is busy; please repeat the call");
        error.retry_after = Some(Duration::from_secs(1));
        error.cause = Some(cause.into());
        error
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(Kind::Internal, "Internal Server Error");
        error.cause = Some(cause.into());
        error
    }

    /// A fault of ours, told in words.
    pub fn bug(what: impl fmt::Display) -> Self {
        Self::internal(anyhow::anyhow!("{what}"))
    }

    /// Whether what was to be done may have been done all the same.
    pub fn leaves_it_open(&self) -> bool {
        matches!(self.kind, Kind::Unavailable | Kind::OutcomeUnknown | Kind::Internal)
    }

    /// Names one more field at fault.
    #[must_use]
    pub fn field(mut self, field: &str, message: impl Into<String>) -> Self {
        self.fields.push(FieldError { field: field.to_owned(), message: message.into() });
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{}: {cause:#}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

impl std::error::Error for Error {}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::internal(cause)
    }
}
