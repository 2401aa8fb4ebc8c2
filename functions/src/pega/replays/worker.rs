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

use super::model::{Chunk, Replay, Wish, chunk_key};
use super::start::{LOOK, Replays};
use crate::pega::event::{Event, event_key};
use crate::pega::history::{self, What};

/// How long a paused replay is let be, in milliseconds; whoever resumes it wakes it.
const PAUSED_MS: i64 = 24 * 3_600_000;
/// How far apart its steps are, in milliseconds.
const STEP_MS: i64 = 1_000;

/// The work.
pub struct Replaying(pub Replays);

impl Work for Replaying {
    type Row = Replay;
    type Leave = ();

    async fn ready(&self, replay: &Replay) -> Result<Ready> {
        let now = self.0.log.lane.jobs.clock.now_ms();
        Ok(match replay.wish {
            Some(Wish::Pause) => Ready::After(now + PAUSED_MS),
            _ => Ready::Now(()),
        })
    }

    async fn run(&self, replay: &Replay, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let now = self.0.log.lane.jobs.clock.now_ms();
        if replay.wish == Some(Wish::Cancel) {
            return Ok(Self::ended(now, Record::default()));
        }
        if replay.look_below > 0 {
            return Ok(self.look(replay, now).await?);
        }
        if replay.chunks == 0 {
            return Ok(Self::ended(now, Record::default()));
        }
        Ok(self.drive(replay, now).await?)
    }

    async fn failed(&self, _: &Replay, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Replay) -> Result<Option<Key>> {
        Ok(None)
    }
}

impl Replaying {
    fn ended(now: i64, record: Record) -> Done {
        let ended = Record { set: vec![("ended_at", now.into())], ..Record::default() };
        Done { record: record.and(ended), park: None, again: None }
    }

    /// Finds the next events that are meant, and writes them down.
    async fn look(&self, replay: &Replay, now: i64) -> Result<Done> {
        let (Self(replays), tenant) = (self, replay.tenant()?);
        let (events, next) =
            replay.selection()?.page(&replays.log, &tenant, replay.look_below, LOOK).await?;
        let ids: Vec<i64> = events.iter().map(Event::id).collect();
        let found = ids.len();
        let mut record = Record::default();
        if found > 0 {
            let chunk = Chunk::of(&tenant, replay.id(), replay.chunks, ids, now);
            record.also.push(replays.log.events.put(Item::of(&chunk)?, None));
            record.set.push(("chunks", (replay.chunks + 1).into()));
            record.set.push(("found_in", (replay.chunks + 1).into()));
            record.set.push(("found", (replay.found + number(found)).into()));
        }
        record.set.push(("look_below", next.unwrap_or(0).into()));
        Ok(Done { record, park: None, again: Some(now) })
    }

    /// Drives the next events anew, oldest first.
    async fn drive(&self, replay: &Replay, now: i64) -> Result<Done> {
        let (Self(replays), tenant) = (self, replay.tenant()?);
        let key = chunk_key(&tenant, replay.id(), replay.chunks - 1);
        let chunk: Option<Chunk> = replays.log.events.get(&key, Read::Consistent).await?;
        let chunk = chunk.ok_or_else(|| Error::bug("what a replay found is gone"))?;
        let end = match replay.left_in_last {
            0 => chunk.ids.len(),
            left => left,
        };
        let begin = end.saturating_sub(replay.pace as usize);
        let (mut driven, mut passed_over) = (replay.driven, replay.passed_over);
        for id in chunk.ids[begin..end].iter().rev() {
            match self.drive_one(replay, &tenant, *id).await? {
                true => driven += 1,
                false => passed_over += 1,
            }
        }
        let mut record = Record::default();
        record.set.push(("driven", driven.into()));
        record.set.push(("passed_over", passed_over.into()));
        let chunks = replay.chunks - i64::from(begin == 0);
        record.set.push(("chunks", chunks.into()));
        record.set.push(("left_in_last", number(begin).into()));
        if chunks == 0 {
            return Ok(Self::ended(now, record));
        }
        Ok(Done { record, park: None, again: Some(now + STEP_MS) })
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

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
