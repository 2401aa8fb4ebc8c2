//! Use case: give a tenant policies of its own, see those that hold, and try them on a
//! request that is not made.

use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;
use shared::web::Caller;

use super::file::{Effect, Policies};
use crate::outlets::References;
use crate::rule_book::{NewRules, RuleEditor, Rules};

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct PolicyEditor {
    pub(super) rules: RuleEditor<Policies>,
    references: References,
}

impl PolicyEditor {
    /// Needs the tables `tickets`, `control`, `audit`, `messages` and `integrations`, and the
    /// queue of notices.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { rules: RuleEditor::load(env)?, references: References::load(env)? })
    }

    /// Has these policies hold from now on.
    ///
    /// # Errors
    /// `Invalid`, saying where; `Conflict` when others were made meanwhile.
    pub(super) async fn change(&self, by: &Caller, new: NewRules) -> Result<()> {
        let file = Policies::parse(&new.text)?;
        self.check(&by.tenant, &file).await?;
        self.rules.change(by, Some(new.text), new.version).await
    }

    /// That everybody is there whom the policies name.
    async fn check(&self, tenant: &Tenant, file: &Policies) -> Result<()> {
        for policy in &file.policies {
            for step in &policy.steps {
                let place = format!("policy {}: step {}", policy.id, step.id);
                match &step.effect {
                    Some(Effect::Webhook(webhook)) => {
                        self.references.webhook(tenant, &place, webhook).await?;
                    }
                    Some(Effect::Notice(notice)) => {
                        self.references.notice(tenant, &place, notice).await?;
                    }
                    Some(Effect::Call(call)) => self.references.call(tenant, &place, call).await?,
                    Some(Effect::PegaNote(_) | Effect::PegaCase(_)) | None => {}
                }
            }
        }
        if let Some(model) = &file.model {
            self.references.connection(tenant, "model", &model.connection).await?;
        }
        Ok(())
    }
}
