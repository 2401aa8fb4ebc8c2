//! Use case: give a tenant rules of its own, if all whom they name are there.

use shared::env::Env;
use shared::error::Result;
use shared::web::Caller;

use super::file::Rules;
use super::references;
use crate::outlets::References;
use crate::rule_book::{self, NewRules, Rules as _};

/// The use case.
#[derive(Clone)]
pub struct RuleEditor {
    pub(super) rules: rule_book::RuleEditor<Rules>,
    references: References,
}

impl RuleEditor {
    /// Needs the tables `events`, `audit`, `messages` and `integrations`, and the queue of
    /// notices.
    pub fn load(env: &Env) -> Result<Self> {
        let rules = rule_book::RuleEditor::load(env)?;
        Ok(Self { rules, references: References::load(env)? })
    }

    /// Makes a version that holds from now on.
    ///
    /// # Errors
    /// `Invalid` when the rules cannot be so; `Conflict` when others were made meanwhile.
    pub(super) async fn change(&self, by: &Caller, new: NewRules) -> Result<()> {
        let rules = Rules::parse(&new.text)?;
        references::check(&self.references, &by.tenant, &rules).await?;
        self.rules.change(by, Some(new.text), new.version).await
    }
}
