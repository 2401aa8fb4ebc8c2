//! Use case: decide about an event that waits for a person. Whoever is first decides;
//! nobody decides twice.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::queue::Hint;
use shared::table::Value;
use shared::web::{Caller, to_the_second};
use utoipa::ToSchema;

use super::event::{Event, Status, event_key};
use super::history::{self, What};
use super::log::EventLog;

/// How often a decision that others interfere with is tried.
const TRIES: u32 = 4;

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EventVerdict)]
pub(super) enum Verdict {
    /// What follows from the event is done.
    Approve,
    /// Nothing more is done.
    Reject,
}

/// What a person decided, as it stands on the event's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ruling {
    pub decision: Verdict,
    pub by: String,
    /// Milliseconds since 1970.
    pub at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What a person decided, as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RulingView {
    decision: Verdict,
    by: String,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

impl Ruling {
    /// What was decided about an event, if anything was.
    pub fn of(event: &Event) -> Result<Option<Self>> {
        let text = event.ruling.as_deref();
        text.map(|text| serde_json::from_str(text).map_err(Error::internal)).transpose()
    }

    /// As it is shown.
    pub fn shown(&self) -> RulingView {
        RulingView {
            decision: self.decision,
            by: self.by.clone(),
            at: to_the_second(self.at),
            comment: self.comment.clone(),
        }
    }
}

impl EventLog {
    /// Decides about an event.
    ///
    /// # Errors
    /// `Conflict` when it does not wait for that, naming who decided if somebody did.
    pub(super) async fn rule(
        &self,
        by: &Caller,
        id: i64,
        decision: Verdict,
        comment: Option<String>,
    ) -> Result<()> {
        let now = self.lane.jobs.clock.now_ms();
        let ruling = Ruling { decision, by: by.actor.clone(), at: now, comment };
        let text = serde_json::to_string(&ruling).map_err(Error::internal)?;
        for _ in 0..TRIES {
            let event = self.row(&by.tenant, id).await?;
            if event.status() != Status::RequiresAction {
                return Err(settled(Ruling::of(&event)?));
            }
            let details = json!({
                "decision": decision, "comment": ruling.comment, "rules": event.rules,
            });
            let writes = vec![
                self.trail.entry(by, "event.decide", format!("event:{id}"), &details)?,
                history::told(&self.events, &event, What::Decided, Some(&by.actor), now, &details)?,
            ];
            let set: Vec<(_, Value)> = vec![("ruling", text.as_str().into())];
            let jobs = &self.lane.jobs;
            if jobs.redrive(&event, set, &["processed_at", "result"], writes).await? {
                self.lane.hint(Hint::at(event_key(&by.tenant, id))).await;
                return Ok(());
            }
        }
        Err(settled(None))
    }
}

fn settled(ruling: Option<Ruling>) -> Error {
    let detail = match ruling {
        Some(Ruling { by, decision: Verdict::Approve, .. }) => format!("{by} has approved it"),
        Some(Ruling { by, decision: Verdict::Reject, .. }) => format!("{by} has rejected it"),
        None => "The event does not wait for a decision".to_owned(),
    };
    Error::new(Kind::Conflict, detail)
}
