//! Whether those whom a file names are there: webhooks, targets of notifications,
//! connections.

use shared::env::Env;
use shared::error::{Kind, Result};
use shared::table::{Key, Read, Table};
use shared::tenant::Tenant;

use super::file::{Effect, Rules};
use crate::integrations::connections::find_connection;
use crate::integrations::webhooks::endpoint_key;
use crate::notifications::Notifier;
use crate::rule_book::wrong;

/// Looks for them.
#[derive(Clone)]
pub(super) struct References {
    messages: Table,
    integrations: Table,
    notifier: Notifier,
}

impl References {
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            integrations: env.table("INTEGRATIONS_TABLE")?,
            notifier: Notifier::load(env)?,
        })
    }

    /// Looks for all whom a file names.
    ///
    /// # Errors
    /// `Invalid`, naming `rules` and the place, for the first who is not there.
    pub async fn check(&self, tenant: &Tenant, rules: &Rules) -> Result<()> {
        for (event, rule) in &rules.events {
            for step in &rule.steps {
                let place = format!("events.{event}.steps.{}.effect", step.name);
                if let Some(problem) = self.problem(tenant, step.effect.as_ref()).await? {
                    return Err(wrong(&place, problem));
                }
            }
        }
        Ok(())
    }

    /// What is wrong with whom an effect names, if anything is.
    async fn problem(
        &self,
        tenant: &Tenant,
        effect: Option<&Effect>,
    ) -> Result<Option<&'static str>> {
        let (found, problem) = match effect {
            None | Some(Effect::Checklist(_)) => return Ok(None),
            Some(Effect::Webhook(webhook)) => {
                let key = endpoint_key(tenant, &webhook.id);
                let found: Option<Key> = self.messages.get(&key, Read::Consistent).await?;
                (found.is_some(), "webhook: names no webhook")
            }
            Some(Effect::Notice(notice)) => {
                let known = self.notifier.check(tenant, &notice.target).await;
                (is_there(known)?, "notify: names no target of notifications that is active")
            }
            Some(Effect::Call(call)) => {
                let found = find_connection(&self.integrations, tenant, &call.connection).await;
                (is_there(found.map(drop))?, "connection: names no connection")
            }
        };
        Ok((!found).then_some(problem))
    }
}

fn is_there(looked: Result<()>) -> Result<bool> {
    match looked {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::Invalid) => Ok(false),
        Err(error) => Err(error),
    }
}
