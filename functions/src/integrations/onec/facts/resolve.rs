//! Use case: a person settles a fact whose outcome is not known, or that is not in 1C any more.

use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Update, Written};
use shared::web::Caller;
use utoipa::ToSchema;

use super::super::OneC;
use super::model::{Fact, FactState, no_such};
use super::store::{find, settled};

/// The longest reason, in characters.
const LONGEST: usize = 1000;

/// What a person found in 1C.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    outcome: Outcome,
    /// How that is known.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Whether 1C has a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has.
    Happened,
    /// It has not; the fact may be sent again.
    DidNotHappen,
}

impl OneC {
    /// Settles a fact.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` while it is being sent, when it is settled so already, or when
    /// somebody else was faster.
    pub(super) async fn resolve(
        &self,
        by: &Caller,
        named: Option<&str>,
        id: &str,
        given: Resolution,
    ) -> Result<Fact> {
        let reason = given.reason.trim();
        if !(1..=LONGEST).contains(&reason.chars().count()) {
            return Err(Error::invalid("reason", "must have 1 to 1000 characters"));
        }
        let connection = self.configured(&by.tenant, named).await?;
        let fact = find(&self.table, &by.tenant, &connection.id, id).await?.ok_or_else(no_such)?;
        let conflict = |told: &str| Err(Error::new(Kind::Conflict, told));
        if fact.is_under_way(self.clock.now_ms()) {
            return conflict("It is being sent at this moment");
        }
        let state = match (given.outcome, fact.state) {
            (Outcome::Happened, FactState::Unknown) => FactState::Sent,
            // Somebody deleted the document in 1C.
            (Outcome::DidNotHappen, FactState::Unknown | FactState::Sent) => FactState::NotSent,
            _ => return conflict("Its outcome is known"),
        };
        let resolution = format!("{}: {reason}", by.actor);
        let update = Update::of(fact.key())
            .set("state", state.name())
            .set("resolution", resolution.as_str())
            .assign("doc", None)
            .when(Cond::All(vec![
                Cond::Eq("attempt", fact.attempt.as_str().into()),
                Cond::Eq("state", fact.state.name().into()),
            ]));
        let details = json!({ "connection_id": connection.id, "outcome": state.name(),
            "reason": reason, "was": fact.state.name() });
        let writes = vec![
            self.table.change(settled(update, fact.sent_at)),
            self.trail.entry(by, "1c.fact.resolve", format!("1c-fact:{id}"), &details)?,
        ];
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(Fact { state, doc: None, resolution: Some(resolution), ..fact }),
            Written::Refused(_) => conflict("Somebody else settled it at the same moment"),
        }
    }
}
