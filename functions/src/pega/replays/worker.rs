//! The work that replays are: first, step by step, all events that are meant are found
//! and written down, newest first; then they are driven anew from the end of that, so
//! that each case keeps its order.

use serde_json::json;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::queue::Hint;
use shared::table::{Item, Key, Read};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{Replay, chunk_key};
use super::start::Replays;
use crate::bulk::{Chunk, LOOK, Progress};
use crate::pega::event::{Event, event_key};
use crate::pega::history::{self, What};

/// The work.
pub struct Replaying(pub Replays);

impl Work for Replaying {
    type Row = Replay;
    type Leave = ();

    async fn ready(&self, replay: &Replay) -> Result<Ready> {
        Ok(replay.progress.ready(self.0.log.lane.jobs.clock.now_ms()))
    }

    async fn run(&self, replay: &Replay, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let now = self.0.log.lane.jobs.clock.now_ms();
        if replay.progress.is_over() {
            return Ok(Progress::ended(Record::default(), now));
        }
        Ok(match replay.progress.look_below {
            0 => self.drive(replay, now).await?,
            below => self.look(replay, below, now).await?,
        })
    }

    async fn failed(&self, _: &Replay, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Replay) -> Result<Option<Key>> {
        Ok(None)
    }
}

impl Replaying {
    /// Finds the next events that are meant, and writes them down.
    async fn look(&self, replay: &Replay, below: i64, now: i64) -> Result<Done> {
        let (Self(replays), tenant) = (self, replay.tenant()?);
        let (events, next) = replay.selection()?.page(&replays.log, &tenant, below, LOOK).await?;
        let ids: Vec<i64> = events.iter().map(Event::id).collect();
        let (found, mut record) = (ids.len(), Record::default());
        if found > 0 {
            let key = chunk_key(&tenant, replay.id(), replay.progress.chunks);
            let chunk = Chunk::of(key, ids, now);
            record.also.push(replays.log.events.put(Item::of(&chunk)?, None));
        }
        Ok(replay.progress.found(found, next, record, now))
    }

    /// Drives the next events anew, oldest first.
    async fn drive(&self, replay: &Replay, now: i64) -> Result<Done> {
        let (Self(replays), tenant) = (self, replay.tenant()?);
        let key = chunk_key(&tenant, replay.id(), replay.progress.chunks - 1);
        let chunk: Option<Chunk> = replays.log.events.get(&key, Read::Consistent).await?;
        let chunk = chunk.ok_or_else(|| Error::bug("what a replay found is gone"))?;
        let next = replay.progress.next(&chunk, replay.pace);
        let (mut driven, mut passed_over) = (0, 0);
        for id in chunk.ids[next.clone()].iter().rev() {
            match self.drive_one(replay, &tenant, *id).await? {
                true => driven += 1,
                false => passed_over += 1,
            }
        }
        let counts = (driven, passed_over);
        Ok(replay.progress.drove(next.start, counts, Record::default(), now))
    }

    /// Drives an event anew, if it is still one that is meant. One that an earlier try of
    /// the same step drove counts as driven.
    async fn drive_one(&self, replay: &Replay, tenant: &Tenant, id: i64) -> Result<bool> {
        let (Self(replays), lane) = (self, &self.0.log.lane);
        let key = event_key(tenant, id);
        let event: Option<Event> = replays.log.events.get(&key, Read::Consistent).await?;
        let Some(event) = event else { return Ok(false) };
        if event.replay.as_deref() == Some(replay.id()) {
            return Ok(true);
        }
        if !replay.selection()?.status.is_of(&event) {
            return Ok(false);
        }
        let (actor, corr) = (replay.by.clone(), replay.corr.clone());
        let by = Caller { actor, corr, ..Caller::system(tenant) };
        let details = json!({
            "replay": replay.id(), "reason": replay.reason, "before": history::before(&event)?,
        });
        let (events, now) = (&replays.log.events, lane.jobs.clock.now_ms());
        let writes = vec![
            replays.trail.entry(&by, "event.replay", format!("event:{id}"), &details)?,
            history::told(events, &event, What::Replayed, Some(&replay.by), now, &details)?,
        ];
        let mut set = vec![("replay", replay.id().into())];
        let mut remove = vec!["processed_at", "result"];
        if replay.afresh {
            remove.extend(["progress", "ruling"]);
            set.push(("run", (event.job.run + 1).into()));
        }
        let driven = lane.jobs.redrive(&event, set, &remove, writes).await?;
        if driven {
            lane.hint(Hint::at(key)).await;
        }
        Ok(driven)
    }
}
