//! Rules as they are shown, and as callers give them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::kept::Version;
use super::store::{Held, Source};

/// The rules that hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesView {
    /// `default` (those of Caseway), `installation`, or `tenant`.
    source: &'static str,
    /// The tenant's version; 0 before its first.
    version: i64,
    /// The file, TOML.
    text: String,
    /// When and by whom it was made, of a tenant's own.
    updated_at: Option<String>,
    updated_by: Option<String>,
}

/// New rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRules {
    /// The whole file, TOML.
    pub text: String,
    /// The version that it is to follow; refused when another one was made meanwhile.
    pub version: Option<i64>,
}

/// One version of a tenant's rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleVersion {
    version: i64,
    /// When and by whom it was made.
    created_at: String,
    created_by: String,
    /// The file, TOML; none where the tenant went back to the installation's.
    text: Option<String>,
}

/// Rules and the number of their version.
impl<R> From<(Arc<Held<R>>, i64)> for RulesView {
    fn from((held, version): (Arc<Held<R>>, i64)) -> Self {
        let made = held.made.as_ref();
        Self {
            source: match held.source {
                Source::Default => "default",
                Source::Installation => "installation",
                Source::Tenant(_) => "tenant",
            },
            version,
            text: held.text.clone(),
            updated_at: made.map(|(at, _)| to_the_second(*at)),
            updated_by: made.map(|(_, by)| by.clone()),
        }
    }
}

impl From<Version> for RuleVersion {
    fn from(row: Version) -> Self {
        let created_at = to_the_second(row.at);
        Self { version: row.version, created_at, created_by: row.by, text: row.text }
    }
}

impl RuleVersion {
    /// In a list: without its text.
    pub fn listed(row: Version) -> Self {
        Self { text: None, ..row.into() }
    }
}
