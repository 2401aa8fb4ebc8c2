//! Whether a webhook keeps failing, and what comes of it: it is told of after half of
//! the time that is given it, and disabled at its end. A receiver that says that it is
//! gone (410) is disabled at once.

use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::table::{Cond, Table, Update, Value, Written};
use shared::web::{Caller, to_the_second};

use super::endpoint::{Disabled, Endpoint};
use crate::messages::Emitter;
use crate::messages::catalogue::{ENDPOINT_DISABLED, ENDPOINT_FAILING, EventType};

/// Nobody is disabled without having been told of it so long before, in milliseconds.
const NOTICE: i64 = 3_600_000;

/// The use case.
pub(super) struct Health {
    messages: Table,
    emitter: Emitter,
    trail: Trail,
    clock: Clock,
    /// How long a webhook may fail, in milliseconds.
    patience: i64,
}

impl Health {
    /// Needs the tables `messages`, `control` and `audit`. `WEBHOOK_PATIENCE_HOURS` is how
    /// long a webhook may fail; 120 when not given.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            emitter: Emitter::load(env)?,
            trail: Trail::load(env)?,
            clock: env.clock(),
            patience: env.parsed("WEBHOOK_PATIENCE_HOURS", 120_i64)? * 3_600_000,
        })
    }

    /// Notes that an attempt went well. One at a webhook that is disabled was a trial, and
    /// what it missed before is still missing.
    pub async fn went_well(&self, endpoint: &Endpoint) -> Result<()> {
        if endpoint.failing_since.is_none() && endpoint.missed_since.is_none() {
            return Ok(());
        }
        let update = Update::of(endpoint.key())
            .remove("failing_since")
            .remove("missed_since")
            .remove("warned_at");
        self.messages.update(update.when(Cond::Eq("is_active", true.into()))).await.map(drop)
    }

    /// Notes that an attempt failed. False when the webhook is disabled with that.
    pub async fn failed(&self, endpoint: &Endpoint, gone: bool) -> Result<bool> {
        let now = self.clock.now_ms();
        if gone {
            let reason = "the receiver answered that it is gone (410)";
            return Ok(!self.disable(endpoint, reason, None).await?);
        }
        let Some(since) = endpoint.failing_since else {
            let fresh = Cond::All(vec![Cond::Present("pk"), Cond::Absent("failing_since")]);
            let update = Update::of(endpoint.key()).set("failing_since", now).when(fresh);
            self.messages.update(update).await?;
            return Ok(true);
        };
        let noticed = endpoint.warned_at.is_some_and(|at| now - at >= NOTICE);
        if now - since >= self.patience && noticed {
            let reason = format!("every attempt has failed since {}", to_the_second(since));
            return Ok(!self.disable(endpoint, &reason, Some(since)).await?);
        }
        if now - since >= self.patience / 2 && endpoint.warned_at.is_none() {
            self.warn(endpoint, since).await?;
        }
        Ok(true)
    }

    async fn warn(&self, endpoint: &Endpoint, since: i64) -> Result<bool> {
        let once = Cond::All(vec![
            Cond::Eq("version", endpoint.version.into()),
            Cond::Eq("failing_since", since.into()),
            Cond::Absent("warned_at"),
        ]);
        let now = self.clock.now_ms();
        let update = Update::of(endpoint.key()).set("warned_at", now).when(once);
        let ends = (since + self.patience).max(now + NOTICE);
        let (failing, ends) = (to_the_second(since), to_the_second(ends));
        let told = json!({"failing_since": failing, "will_be_disabled_at": ends});
        self.tell(endpoint, update, ENDPOINT_FAILING, told, "webhook.warn").await
    }

    /// Disables a webhook that is still as it was read, and failing since then if that is
    /// why. False when it is not.
    async fn disable(&self, endpoint: &Endpoint, reason: &str, since: Option<i64>) -> Result<bool> {
        let at = self.clock.now_ms();
        let disabled = Value::of(&Disabled { reason: reason.to_owned(), at })?;
        let mut as_read =
            vec![Cond::Eq("version", endpoint.version.into()), Cond::Eq("is_active", true.into())];
        as_read.extend(since.map(|since| Cond::Eq("failing_since", since.into())));
        let once = Cond::All(as_read);
        let update = Update::of(endpoint.key())
            .set("is_active", false)
            .set("disabled", disabled)
            .set("missed_since", endpoint.missed_since.or(endpoint.failing_since).unwrap_or(at))
            .set("version", endpoint.version + 1)
            .when(once);
        let told = json!({"reason": reason, "disabled_at": to_the_second(at)});
        self.tell(endpoint, update, ENDPOINT_DISABLED, told, "webhook.disable").await
    }

    /// Changes a webhook and tells everybody of it, unless somebody did so before, or it is
    /// not as it was any more. Whether it was changed.
    async fn tell(
        &self,
        endpoint: &Endpoint,
        update: Update,
        kind: EventType,
        mut data: serde_json::Value,
        action: &str,
    ) -> Result<bool> {
        let tenant = endpoint.tenant()?;
        data["webhook_id"] = endpoint.id.as_str().into();
        data["name"] = endpoint.name.as_str().into();
        let mut emission = self.emitter.prepare(&tenant, kind, &data).await?;
        let by = Caller::system(&tenant);
        let told = self.trail.entry(&by, action, format!("webhook:{}", endpoint.id), &data)?;
        let mut writes = vec![self.messages.change(update), told];
        writes.extend(emission.take_writes());
        let written = self.messages.transact(&ids::time_ordered(), writes).await?;
        let Written::Done = written else { return Ok(false) };
        tracing::warn!(webhook = endpoint.id, action, "a webhook keeps failing");
        self.emitter.announce(emission).await;
        Ok(true)
    }
}
