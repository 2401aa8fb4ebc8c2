//! Who finds out what the policies say of a request, and what is to be done: the rules, and
//! a language model beside them where the policies name one. The rules hold: a model may be
//! stricter than they are, never milder, and never does anything itself.

use std::sync::Arc;

use shared::env::Env;
use shared::error::{Error, Result};

use super::assessment::Assessment;
use super::model_planner::ModelPlanner;
use super::plan::Plan;
use super::rules;
use crate::rule_book::{Held, RuleBook};
use crate::support::policies::Policies;
use crate::support::tickets::Ticket;

/// The port. Cheap to clone.
#[derive(Clone)]
pub(super) struct Planner {
    book: RuleBook<Policies>,
    model: ModelPlanner,
}

impl Planner {
    /// Needs the table `tickets`, and what a call over a connection needs: the tables
    /// `integrations` and `control`, and the vault. The variable `SUPPORT_POLICIES_FILE` may
    /// name a file with the installation's policies.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { book: RuleBook::load(env)?, model: ModelPlanner::load(env)? })
    }

    /// The policies that a ticket goes by now.
    pub(super) async fn policies(&self, ticket: &Ticket) -> Result<Arc<Held<Policies>>> {
        self.book.of(&ticket.tenant()?).await
    }

    /// What the policies say of a ticket, and what would be done. A model that they name is
    /// asked what it thinks; what would be done is theirs alone.
    pub async fn assess(
        &self,
        held: &Held<Policies>,
        ticket: &Ticket,
    ) -> Result<(Assessment, Plan)> {
        let (file, tenant) = (&held.rules, ticket.tenant()?);
        let (assessment, plan) = by_rules(file, &held.name(), ticket)?;
        let Some(model) = &file.model else { return Ok((assessment, plan)) };
        let beside = self.model.beside((file, model), (&tenant, ticket), assessment);
        Ok((beside.await, plan))
    }
}

/// What these policies, which are called so, say of a ticket by themselves.
pub fn by_rules(file: &Policies, called: &str, ticket: &Ticket) -> Result<(Assessment, Plan)> {
    let deciding = file.deciding(&ticket.request.request_type);
    let deciding = deciding.ok_or_else(|| Error::bug("no policy decides"))?;
    Ok((rules::assess(file, deciding, called, ticket), rules::plan(deciding, ticket)))
}
