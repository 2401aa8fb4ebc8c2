//! What is done to many things that a query finds, by a durable job: first, step by step,
//! all of them are found and written down, newest first; then they are driven from the end
//! of that, oldest first, at a pace. People may pause it and end it. What the things are, and
//! how one is driven, is the domain's.

use std::collections::BTreeMap;
use std::ops;

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::jobs::{Done, Job, Ready, Record, Row, State, still_open};
use shared::table::{Cond, Key, Query, Range, Read, Table, Update, Value, count};
use utoipa::ToSchema;

/// Things that are looked at together.
pub const LOOK: usize = 100;
/// How long it is known what was found, in seconds: ninety days.
const KEPT: i64 = 90 * 24 * 3600;
/// How long a paused one is let be, in milliseconds; whoever resumes it wakes it.
const PAUSED_MS: i64 = 24 * 3_600_000;
/// How far apart its steps are, in milliseconds.
const STEP_MS: i64 = 1_000;

/// How far it is: attributes of its row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Below which number it goes on looking; 0 once it has found everything.
    pub look_below: i64,
    /// How many rows of what it found are left to drive, and how many things of the last of
    /// them; 0 for all.
    pub chunks: i64,
    pub left_in_last: usize,
    /// How many rows there are of what it found, driven or not.
    pub found_in: i64,
    /// Things that it found, drove, and passed over.
    pub found: i64,
    pub driven: i64,
    pub passed_over: i64,
    /// What a person asked of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<Wish>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
}

/// What a person can ask of one that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// To wait.
    Pause,
    /// To end.
    Cancel,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkStatus {
    /// It finds out what there is.
    Counting,
    /// It drives what it found.
    Running,
    /// It waits for somebody to resume it.
    Paused,
    /// All of it was driven.
    Completed,
    /// Somebody ended it.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// The longest id there is.
const LONGEST_ID: usize = 64;

/// The row of this id in a partition of jobs like these; none when there is none.
pub async fn find<T: Row>(table: &Table, key: &Key) -> Result<Option<T>> {
    match key.sk.len() > LONGEST_ID {
        true => Ok(None),
        false => table.get(key, Read::Consistent).await,
    }
}

/// A page of a partition of rows whose ids sort by time, newest first, and the id behind
/// which to go on.
pub async fn newest<T: Row>(
    table: &Table,
    pk: &str,
    limit: usize,
    behind: Option<&str>,
) -> Result<(Vec<T>, Option<String>)> {
    let can_be = |id: &str| Key { pk: pk.to_owned(), sk: id.to_owned() }.can_be();
    if behind.is_some_and(|behind| !can_be(behind)) {
        return Ok((Vec::new(), None));
    }
    let query = Query::partition(pk).descending();
    let query = match behind {
        Some(behind) => query.range("sk", Range::UpTo(behind.into())),
        None => query,
    };
    let is_behind = |row: &T| behind.is_none_or(|behind| *row.key().sk < *behind);
    let mut rows = table.query_window(query, is_behind, 0, limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().map(|last: &T| last.key().sk);
    Ok((rows, next.filter(|_| more)))
}

/// Some of what was found, newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chunk {
    pk: String,
    sk: String,
    /// Their numbers.
    pub ids: Vec<i64>,
    /// What is to be known of those that were not driven, by their numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
    expires_at: i64,
}

impl Chunk {
    /// The part at this key of what was found at `now` (milliseconds since 1970).
    pub fn of(key: Key, ids: Vec<i64>, now: i64) -> Self {
        let Key { pk, sk } = key;
        Self { pk, sk, ids, notes: BTreeMap::new(), expires_at: now / 1000 + KEPT }
    }

    /// The sort key of the part of this number.
    pub fn sk(number: i64) -> String {
        format!("{number:09}")
    }
}

impl Progress {
    /// One that looks for what has a number below this one.
    pub fn below(number: i64) -> Self {
        Self { look_below: number, ..Self::default() }
    }

    /// How it stands, with this job.
    pub fn status(&self, job: &Job) -> BulkStatus {
        match (job.state, self.wish) {
            (State::Failed, _) => BulkStatus::Failed,
            (State::Done, Some(Wish::Cancel)) => BulkStatus::Cancelled,
            (State::Done, _) => BulkStatus::Completed,
            (_, Some(Wish::Pause)) => BulkStatus::Paused,
            _ if self.look_below > 0 => BulkStatus::Counting,
            _ => BulkStatus::Running,
        }
    }

    /// Whether it may go on at `now`.
    pub fn ready(&self, now: i64) -> Ready {
        match self.wish {
            Some(Wish::Pause) => Ready::After(now + PAUSED_MS),
            _ => Ready::Now(()),
        }
    }

    /// Whether there is nothing more to do.
    pub fn is_over(&self) -> bool {
        self.wish == Some(Wish::Cancel) || (self.look_below == 0 && self.chunks == 0)
    }

    /// The step that found so many more and goes on looking below `next`, if there is more.
    pub fn found(&self, many: usize, next: Option<i64>, mut record: Record, now: i64) -> Done {
        if many > 0 {
            record.set.push(("chunks", (self.chunks + 1).into()));
            record.set.push(("found_in", (self.chunks + 1).into()));
            record.set.push(("found", (self.found + count(many)).into()));
        }
        record.set.push(("look_below", next.unwrap_or(0).into()));
        Done { record, park: None, again: Some(now) }
    }

    /// The number of the part to drive of, and which of its things: the last ones.
    pub fn next(&self, part: &Chunk, pace: u32) -> ops::Range<usize> {
        let end = match self.left_in_last {
            0 => part.ids.len(),
            left => left.min(part.ids.len()),
        };
        end.saturating_sub(pace as usize)..end
    }

    /// The step that drove so many and passed over so many, down to this place of its part.
    pub fn drove(
        &self,
        begin: usize,
        (driven, passed_over): (i64, i64),
        mut record: Record,
        now: i64,
    ) -> Done {
        record.set.push(("driven", (self.driven + driven).into()));
        record.set.push(("passed_over", (self.passed_over + passed_over).into()));
        let chunks = self.chunks - i64::from(begin == 0);
        record.set.push(("chunks", chunks.into()));
        record.set.push(("left_in_last", count(begin).into()));
        if chunks == 0 {
            return Self::ended(record, now);
        }
        Done { record, park: None, again: Some(now + STEP_MS) }
    }

    /// Its end.
    pub fn ended(mut record: Record, now: i64) -> Done {
        record.set.push(("ended_at", now.into()));
        Done { record, ..Done::default() }
    }

    /// The number of the row that holds this part of what was found, counted from the
    /// oldest; and the next part, if there is one.
    pub fn part(&self, part: Option<i64>) -> (Option<i64>, Option<i64>) {
        let part = part.unwrap_or(0).clamp(0, i64::MAX - 1);
        // What was found last is the oldest.
        let row = (part < self.found_in).then_some(self.found_in - 1 - part);
        (row, (part + 1 < self.found_in).then_some(part + 1))
    }
}

/// Asks this of the one at this key; nothing, to have it go on. Refused when it has ended.
pub fn asked(key: Key, wish: Option<Wish>, now: i64) -> Result<Update> {
    let paused = Cond::Eq("wish", Value::of(&Wish::Pause)?);
    let not_cancelled = Cond::Any(vec![Cond::Absent("wish"), paused]);
    let goes_on = Cond::All(vec![still_open()?, not_cancelled]);
    let wished = wish.map(|wish| Value::of(&wish)).transpose()?;
    // It may sleep, and the hint may be lost.
    Ok(Update::of(key).assign("wish", wished).set("wake_at", now).when(goes_on))
}
