//! Why a language model was of no use, in words of our own: neither its words nor a secret
//! can be in them.

use shared::error::{Error, Kind};
use shared::outbound::Class;

use crate::integrations::connections::client::Failed;

/// Why it was of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("its connection is gone")]
    Gone,
    #[error("its connection cannot be opened")]
    Closed,
    #[error("its connection leads nowhere that may be called")]
    Target,
    /// The call was not made.
    #[error("it was not asked: {0}")]
    Held(&'static str),
    #[error("it cannot be reached")]
    Unreached,
    #[error("its token endpoint gave no token")]
    NoToken,
    #[error("it did not answer in time")]
    Late,
    #[error("its answer broke off")]
    Broken,
    #[error("it answered HTTP {0}")]
    Status(u16),
    #[error("its answer is too large")]
    TooLarge,
    #[error("it refused to answer")]
    Refused,
    #[error("its answer was cut off")]
    Cut,
    #[error("its answer did not end as answers do")]
    Unfinished,
    #[error("its answer cannot be read")]
    Unreadable,
    #[error("it cited no policy")]
    Uncited,
    #[error("it cited what stands in no policy")]
    Invented,
    #[error("its answer is out of bounds")]
    OutOfBounds,
}

impl Unfit {
    /// What became of a connection that was to be opened.
    #[expect(clippy::needless_pass_by_value, reason = "what becomes of an error")]
    pub fn unopened(error: Error) -> Self {
        match error.kind {
            Kind::NotFound => Self::Gone,
            _ => Self::Closed,
        }
    }
}

impl From<Failed> for Unfit {
    fn from(failed: Failed) -> Self {
        let error = match failed {
            Failed::Held(held) => return Self::Held(held.reason),
            Failed::Call(error) => error,
        };
        match error.class {
            Class::Target | Class::Request => Self::Target,
            Class::Dns | Class::Connection => Self::Unreached,
            Class::Timeout => Self::Late,
            Class::Broken => Self::Broken,
            Class::Answer => Self::NoToken,
            Class::TooLarge => Self::TooLarge,
        }
    }
}
