//! A target that takes no notices any more is disabled at once, with a message to
//! everybody else.

use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::table::{Cond, Table, Update, Value, Written};
use shared::web::{Caller, to_the_second};

use super::targets::{Disabled, Target};
use crate::messages::Emitter;
use crate::messages::catalogue::TARGET_DISABLED;

/// The use case.
pub(super) struct Health {
    messages: Table,
    emitter: Emitter,
    trail: Trail,
    clock: Clock,
}

impl Health {
    /// Needs the tables `messages`, `control` and `audit`, and all queues of messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            emitter: Emitter::load(env)?,
            trail: Trail::load(env)?,
            clock: env.clock(),
        })
    }

    /// Disables a target that is still as it was read.
    pub async fn disable(&self, target: &Target, reason: &str) -> Result<()> {
        let (tenant, at) = (target.tenant()?, self.clock.now_ms());
        let disabled = Value::of(&Disabled { reason: reason.to_owned(), at })?;
        let as_read = Cond::All(vec![
            Cond::Eq("version", target.version.into()),
            Cond::Eq("is_active", true.into()),
        ]);
        let update = Update::of(target.key())
            .set("is_active", false)
            .set("disabled", disabled)
            .set("version", target.version + 1)
            .when(as_read);
        let data = json!({
            "target_id": target.id,
            "name": target.name,
            "kind": target.kind,
            "reason": reason,
            "disabled_at": to_the_second(at),
        });
        let mut emission = self.emitter.prepare(&tenant, TARGET_DISABLED, &data).await?;
        let by = Caller::system(&tenant);
        let subject = format!("target:{}", target.id);
        let told = self.trail.entry(&by, "notification.target.disable", subject, &data)?;
        let mut writes = vec![self.messages.change(update), told];
        writes.extend(emission.take_writes());
        if let Written::Done = self.messages.transact(&ids::time_ordered(), writes).await? {
            tracing::warn!(target_id = target.id, "a target of notifications was disabled");
            self.emitter.announce(emission).await;
        }
        Ok(())
    }
}
