//! How much something matters to people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a message matters; each is more than the one before.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is as it should be.
    #[default]
    Info,
    /// It may become an error.
    Warning,
    /// Something did not work.
    Error,
    /// Somebody has to act now.
    Critical,
}

impl Severity {
    /// Its name in capitals.
    pub fn shout(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}
