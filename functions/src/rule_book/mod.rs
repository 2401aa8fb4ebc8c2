//! Readable files of rules (TOML): the one that Caseway comes with, the installation's own,
//! or a tenant's, whose every change is a version. What rules say is their domain's.

mod change;
mod check;
mod kept;
mod store;
mod view;

use serde::de::DeserializeOwned;
use shared::error::{Error, Result};
use shared::web::at_most;

pub use change::RuleEditor;
pub use check::{few, text, wrong};
pub use store::{Held, RuleBook};
pub use view::{NewRules, RuleVersion, RulesView};

/// The longest file, in bytes.
const LONGEST: usize = 64 * 1024;

/// The rules of a domain.
pub trait Rules: Clone + Send + Sync + 'static {
    /// The variable that may name the installation's file.
    const FILE_VARIABLE: &'static str;
    /// The file that holds where nobody said otherwise.
    const DEFAULT: &'static str;
    /// The variable that names the table of tenants' own.
    const TABLE: &'static str;
    /// What the audit trail calls them.
    const SUBJECT: &'static str;
    /// What kind of partition a tenant's own stand in; nothing else in the table is of it.
    const KIND: &'static str;

    /// Reads a file.
    ///
    /// # Errors
    /// `Invalid`, naming `rules`, with the line or the place that is wrong.
    fn parse(text: &str) -> Result<Self>;
}

/// Reads the form of a file.
///
/// # Errors
/// `Invalid`, naming `rules`, with the line that is wrong.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    at_most(LONGEST, "rules", text)?;
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|at| text[..at.start].matches('\n').count() + 1);
        let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        Error::invalid("rules", format!("{line}{}", error.message()))
    })
}
