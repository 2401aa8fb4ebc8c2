//! The work that bulk reruns are.

use std::collections::BTreeMap;

use shared::error::{Error, Kind, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::{Item, Key, Read};

use super::model::{BulkRerun, chunk_key};
use crate::bulk::{Chunk, Progress};
use crate::processes::reruns::Reruns;
use crate::processes::reruns::start::Wanted;
use crate::processes::runs::unknown_step_run;

/// The work.
pub struct BulkRerunning(pub Reruns);

impl Work for BulkRerunning {
    type Row = BulkRerun;
    type Leave = ();

    async fn ready(&self, bulk: &BulkRerun) -> Result<Ready> {
        Ok(bulk.progress.ready(self.0.store.clock.now_ms()))
    }

    async fn run(&self, bulk: &BulkRerun, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let now = self.0.store.clock.now_ms();
        if bulk.progress.is_over() {
            return Ok(Progress::ended(Record::default(), now));
        }
        Ok(match bulk.progress.look_below {
            0 => self.drive(bulk, now).await?,
            below => self.look(bulk, below, now).await?,
        })
    }

    async fn failed(&self, _: &BulkRerun, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &BulkRerun) -> Result<Option<Key>> {
        Ok(None)
    }
}

impl BulkRerunning {
    /// Finds the next failures that are meant, and writes them down.
    async fn look(&self, bulk: &BulkRerun, below: i64, now: i64) -> Result<Done> {
        let (Self(reruns), tenant) = (self, bulk.tenant()?);
        let (ids, next) = bulk.selection()?.page(reruns, &tenant, below).await?;
        let (found, mut record) = (ids.len(), Record::default());
        if found > 0 {
            let key = chunk_key(&tenant, bulk.id(), bulk.progress.chunks);
            let chunk = Chunk::of(key, ids, now);
            record.also.push(reruns.store.table.put(Item::of(&chunk)?, None));
        }
        Ok(bulk.progress.found(found, next, record, now))
    }

    /// Runs the next failures again, oldest first.
    async fn drive(&self, bulk: &BulkRerun, now: i64) -> Result<Done> {
        let (table, tenant) = (&self.0.store.table, bulk.tenant()?);
        let key = chunk_key(&tenant, bulk.id(), bulk.progress.chunks - 1);
        let chunk: Option<Chunk> = table.get(&key, Read::Consistent).await?;
        let mut chunk = chunk.ok_or_else(|| Error::bug("what a bulk rerun found is gone"))?;
        let next = bulk.progress.next(&chunk, bulk.pace);
        let (mut driven, mut notes) = (0, BTreeMap::new());
        for id in chunk.ids[next.clone()].iter().rev() {
            match self.drive_one(bulk, *id).await? {
                None => driven += 1,
                Some(why) => {
                    notes.insert(id.to_string(), why);
                }
            }
        }
        let passed_over = i64::try_from(notes.len()).unwrap_or(i64::MAX);
        let mut record = Record::default();
        if !notes.is_empty() {
            chunk.notes.extend(notes);
            record.also.push(table.put(Item::of(&chunk)?, None));
        }
        Ok(bulk.progress.drove(next.start, (driven, passed_over), record, now))
    }

    /// Runs a failure again, if it is still one that is meant; otherwise, why not. One that
    /// an earlier try of the same step ran again counts as run again.
    async fn drive_one(&self, bulk: &BulkRerun, id: i64) -> Result<Option<String>> {
        let (Self(reruns), by) = (self, bulk.caller()?);
        let (run, number) = match reruns.store.of_step_run(&by.tenant, id).await {
            Err(error) if error.kind == Kind::NotFound => return Ok(Some(error.detail)),
            found => found?,
        };
        let step = run.step(number).ok_or_else(unknown_step_run)?;
        if let Some(newer) = step.superseded_by {
            let rerun = reruns.find(&by.tenant, run.step_run_id(newer)).await?;
            let ours = rerun.is_some_and(|rerun| rerun.bulk.as_deref() == Some(bulk.id()));
            return Ok((!ours).then(|| "It was rerun meanwhile".to_owned()));
        }
        if !bulk.selection()?.is_of(&run, step) {
            return Ok(Some("It has changed meanwhile".to_owned()));
        }
        let wanted = Wanted {
            reason: Some(bulk.reason.clone()),
            bulk: Some(bulk.id().to_owned()),
            ..Wanted::default()
        };
        match reruns.rerun(&by, id, &wanted, None).await {
            Ok(_) => Ok(None),
            Err(error) if error.leaves_it_open() => Err(error),
            Err(error) => Ok(Some(error.detail)),
        }
    }
}
