//! Whether those whom a file names are there: webhooks, targets of notifications,
//! connections.

use shared::error::Result;
use shared::tenant::Tenant;

use super::file::{Effect, Rules};
use crate::outlets::References;

/// Looks for all whom a file names.
///
/// # Errors
/// `Invalid`, naming `rules` and the place, for the first who is not there.
pub(super) async fn check(references: &References, tenant: &Tenant, rules: &Rules) -> Result<()> {
    for (event, rule) in &rules.events {
        for step in &rule.steps {
            let place = format!("events.{event}.steps.{}.effect", step.name);
            match &step.effect {
                None | Some(Effect::Checklist(_)) => {}
                Some(Effect::Webhook(webhook)) => {
                    references.webhook(tenant, &place, webhook).await?;
                }
                Some(Effect::Notice(notice)) => references.notice(tenant, &place, notice).await?,
                Some(Effect::Call(call)) => references.call(tenant, &place, call).await?,
            }
        }
    }
    Ok(())
}
