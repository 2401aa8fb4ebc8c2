//! How a call fails: what it may have done all the same, and in what way it failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::targets::Private;

const MIB: usize = 1024 * 1024;

/// A call that was not answered as hoped.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct CallError {
    /// Whether it may have happened all the same, and whether to try again.
    pub outcome: Outcome,
    /// In what way it failed.
    pub class: Class,
    /// What was answered, in one line.
    pub reason: String,
    /// When the other side asked to be tried again.
    pub retry_after: Option<Duration>,
}

/// What a failed call may have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing happened, and trying again will not help.
    Refused,
    /// Nothing happened; trying again may help.
    NotDone,
    /// It may have happened: the answer was lost, late or a server's failure.
    InDoubt,
}

/// The ways in which a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The address is none that may be called.
    Target,
    /// The call cannot be made as it is, because of a header for example.
    Request,
    /// The host's name is not known.
    Dns,
    /// No connection came about, or none that is safe.
    Connection,
    /// There was no answer in time.
    Timeout,
    /// The connection broke before the answer was whole.
    Broken,
    /// There was an answer, which was a refusal.
    Answer,
    /// There was an answer, which is longer than is read.
    TooLarge,
}

impl CallError {
    /// A failure of a connection that is there, without an answer.
    pub fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, class: Class::Broken, reason: reason.into(), retry_after: None }
    }

    /// A call that is not even tried.
    pub fn refused(class: Class, reason: impl Into<String>) -> Self {
        Self { class, ..Self::new(Outcome::Refused, reason) }
    }

    /// Of an answer that is longer than this many bytes.
    pub(super) fn too_large(most: usize) -> Self {
        let size = match most.is_multiple_of(MIB) {
            true => format!("{} MiB", most / MIB),
            false => format!("{most} bytes"),
        };
        let known = Self::new(Outcome::InDoubt, format!("the answer is larger than {size}"));
        Self { class: Class::TooLarge, ..known }
    }

    /// Of a failed exchange. The address is left out: it may hold a secret.
    pub(super) fn of(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let private = cause::<Private>(&error).map(ToString::to_string);
        if let Some(why) = private {
            return Self::refused(Class::Target, why);
        }
        let (outcome, class, what) = if error.is_builder() {
            (Outcome::Refused, Class::Request, "the call cannot be made")
        } else if error.is_connect() && cause::<super::names::Unknown>(&error).is_some() {
            (Outcome::NotDone, Class::Dns, "no such host")
        } else if error.is_connect() {
            (Outcome::NotDone, Class::Connection, "no connection")
        } else if error.is_timeout() {
            (Outcome::InDoubt, Class::Timeout, "no answer in time")
        } else {
            (Outcome::InDoubt, Class::Broken, "the connection broke")
        };
        let reason = format!("{what}: {:#}", anyhow::Error::new(error));
        Self { class, ..Self::new(outcome, reason) }
    }
}

/// The error of this type that lies beneath.
fn cause<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut beneath = std::error::Error::source(error);
    while let Some(this) = beneath {
        if let Some(found) = this.downcast_ref::<E>() {
            return Some(found);
        }
        beneath = this.source();
    }
    None
}
