//! Use case: confirm or reject a synchronisation that is held, because so many would vanish.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Row, State};
use shared::queue::Hint;
use shared::table::{Cond, Update, Value, Written};
use shared::web::{Caller, at_most};

use super::start::Personnel;
use super::sync::{Decision, PersonnelSync, Stage};

/// The longest reason, in bytes.
const LONGEST_REASON: usize = 4096;

impl Personnel {
    /// Decides on one that waits for that; the first decision stays.
    ///
    /// # Errors
    /// `Invalid`, naming `reason`; `NotFound`; `Conflict`, naming who decided, when none is
    /// waited for.
    pub(super) async fn decide(
        &self,
        by: &Caller,
        (connection, id): (&str, &str),
        (confirmed, reason): (bool, &str),
    ) -> Result<PersonnelSync> {
        if reason.trim().is_empty() {
            return Err(Error::invalid("reason", "must not be empty"));
        }
        at_most(LONGEST_REASON, "reason", reason)?;
        let sync = self.find(&by.tenant, connection, id).await?;
        let now = self.means.clock.now_ms();
        let decision =
            Decision { confirmed, by: by.actor.clone(), reason: reason.to_owned(), at: now };
        let held = Cond::All(vec![
            Cond::Eq("stage", Value::of(&Stage::Held)?),
            Cond::Absent("decision"),
            // Whoever drops it, as nobody decided, looks again first.
            Cond::Eq("state", Value::of(&State::Ready)?),
        ]);
        // It sleeps until nobody may decide any more, and the hint may be lost.
        let update = Update::of(sync.key())
            .set("decision", Value::of(&decision)?)
            .set("due_at", now)
            .set("wake_at", now)
            .when(held);
        let action = if confirmed { "personnel.confirm" } else { "personnel.refuse" };
        let details = json!({ "sync_id": sync.id(), "reason": reason, "changes": sync.counts });
        let subject = format!("connection:{}", sync.connection_id);
        let writes = vec![
            self.means.table.change(update),
            self.means.trail.entry(by, action, subject, &details)?,
        ];
        match self.means.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => self.means.lane.hint(Hint::at(sync.key())).await,
            Written::Refused(_) => {
                let now = self.find(&by.tenant, connection, id).await?;
                return Err(Error::new(Kind::Conflict, why_not(&now)));
            }
        }
        self.find(&by.tenant, connection, id).await
    }
}

/// Why nobody can decide on it.
fn why_not(sync: &PersonnelSync) -> String {
    match &sync.decision {
        Some(decision) => {
            let what = if decision.confirmed { "confirmed" } else { "rejected" };
            format!("The synchronisation was {what} by {}", decision.by)
        }
        None => "The synchronisation does not wait for a decision".to_owned(),
    }
}
