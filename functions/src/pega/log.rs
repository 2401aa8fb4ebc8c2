//! Use case: see events and what became of them, and have one worked through
//! again.

use serde_json::json;
use shared::audit::Trail;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Lane, Standing};
use shared::queue::Hint;
use shared::sequence::Sequence;
use shared::table::{Read, Table};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::event::{Event, Status, event_key, events_table};
use super::history::{self, Happened, What};
use super::lane::lane;
use super::search::{Filter, Search};

/// How often a re-drive that others interfere with is tried.
const TRIES: u32 = 4;

/// The most payload on one page, in bytes: a Lambda's answer ends at 6 MB.
const LARGEST_PAGE: usize = 4 * 1024 * 1024;

/// The use case.
#[derive(Clone)]
pub struct EventLog {
    pub(super) events: Table,
    pub(super) ids: Sequence,
    pub(super) lane: Lane,
    pub(super) trail: Trail,
}

/// An event with its payload.
pub(super) struct Recorded {
    pub event: Event,
    pub payload: String,
}

impl EventLog {
    /// Needs the tables `events`, `control` and `audit`, and the queue of events.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            events: events_table(env)?,
            ids: Sequence::new(env.table("CONTROL_TABLE")?, "event"),
            lane: lane(env)?,
            trail: Trail::load(env)?,
        })
    }

    /// The events that pass the filter, newest first, and where to go on.
    pub(super) async fn list(
        &self,
        tenant: &Tenant,
        filter: Filter,
    ) -> Result<(Vec<Recorded>, Option<i64>)> {
        let (events, next) = Search::new(self, tenant, filter).run().await?;
        let mut recorded: Vec<Recorded> = Vec::with_capacity(events.len());
        let mut size = 0;
        for event in events {
            let event = self.with_payload(event).await?;
            size += event.payload.len();
            if size > LARGEST_PAGE && !recorded.is_empty() {
                let next = recorded.last().map(|last| last.event.id());
                return Ok((recorded, next));
            }
            recorded.push(event);
        }
        Ok((recorded, next))
    }

    /// One event.
    pub(super) async fn find(&self, tenant: &Tenant, id: i64) -> Result<Recorded> {
        let event = self.row(tenant, id).await?;
        self.with_payload(event).await
    }

    /// All that happened to an event after it was received, in order.
    pub(super) async fn history(&self, tenant: &Tenant, id: i64) -> Result<Vec<Happened>> {
        self.row(tenant, id).await?;
        history::of(&self.events, tenant, id).await
    }

    /// Has an event worked through again: one that failed, one that waits, or one
    /// whose worker died.
    pub(super) async fn reprocess(&self, by: &Caller, id: i64) -> Result<()> {
        let tenant = &by.tenant;
        for _ in 0..TRIES {
            let event = self.row(tenant, id).await?;
            if !self.may_be_driven(&event) {
                return Err(Error::malformed("Event cannot be reprocessed"));
            }
            let told =
                self.trail.entry(by, "event.reprocess", format!("event:{id}"), &json!({}))?;
            let now = self.lane.jobs.clock.now_ms();
            let by = Some(by.actor.as_str());
            let details = json!({ "before": history::before(&event)? });
            let writes = vec![
                told,
                history::told(&self.events, &event, What::Reprocessed, by, now, &details)?,
            ];
            let jobs = &self.lane.jobs;
            if jobs.redrive(&event, vec![], &["processed_at", "result"], writes).await? {
                self.lane.hint(Hint::at(event_key(tenant, id))).await;
                return Ok(());
            }
        }
        Err(Error::malformed("Event cannot be reprocessed"))
    }

    fn may_be_driven(&self, event: &Event) -> bool {
        let jobs = &self.lane.jobs;
        let standing = event.job.standing(jobs.clock.now_ms(), jobs.policy.max_attempts);
        match event.status() {
            Status::Failed | Status::Received => true,
            Status::Processing => matches!(standing, Standing::Abandoned | Standing::Exhausted),
            Status::Processed | Status::RequiresAction => false,
        }
    }

    pub(super) async fn row(&self, tenant: &Tenant, id: i64) -> Result<Event> {
        let row = self.events.get(&event_key(tenant, id), Read::Consistent).await?;
        row.ok_or_else(|| Error::not_found("Event not found"))
    }

    async fn with_payload(&self, event: Event) -> Result<Recorded> {
        let payload = event.payload(&self.events).await?;
        Ok(Recorded { event, payload })
    }
}
