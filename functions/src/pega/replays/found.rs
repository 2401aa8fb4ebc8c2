//! Use case: see the events that a replay found, and what became of each.

use serde::Serialize;
use shared::error::Result;
use shared::table::{Key, Read};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::model::{Replay, chunk_key};
use super::start::Replays;
use crate::bulk::Chunk;
use crate::pega::event::{Event, Status, event_key};

/// An event that a replay found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayedEvent {
    /// Its number; its attempts are in `/events/{event_id}/history`.
    event_id: i64,
    event: String,
    case_id: String,
    /// Whether the replay drove it anew; one that it passed over or has yet to come to was
    /// not.
    driven: bool,
    /// How it stands now.
    status: Status,
    /// How often it was tried since it was last driven anew.
    attempts: u32,
    /// What its last attempt failed with, if it did.
    last_error: Option<String>,
}

impl Replays {
    /// A part of what a replay found, oldest first, and the number of the next; the first
    /// part when no number is given.
    pub(super) async fn found(
        &self,
        tenant: &Tenant,
        replay: &Replay,
        part: Option<i64>,
    ) -> Result<(Vec<ReplayedEvent>, Option<i64>)> {
        let (row, next) = replay.progress.part(part);
        let chunk: Option<Chunk> = match row.map(|row| chunk_key(tenant, replay.id(), row)) {
            Some(key) => self.log.events.get(&key, Read::Consistent).await?,
            None => None,
        };
        let ids = chunk.map(|chunk| chunk.ids).unwrap_or_default();
        let keys: Vec<Key> = ids.iter().map(|id| event_key(tenant, *id)).collect();
        let mut events: Vec<Event> = self.log.events.get_many(&keys, Read::Consistent).await?;
        events.sort_unstable_by_key(Event::id);
        let shown = events.into_iter().map(|event| ReplayedEvent {
            event_id: event.id(),
            driven: event.replay.as_deref() == Some(replay.id()),
            status: event.status(),
            attempts: event.job.attempt,
            last_error: event.job.error.map(|error| error.reason),
            event: event.event,
            case_id: event.case_id,
        });
        Ok((shown.collect(), next))
    }
}
