//! Use case: start a replay, count before that, and see those there are.

use serde_json::json;
use shared::audit::Trail;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::jobs::Job;
use shared::queue::Hint;
use shared::table::{Cond, Item, Key, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{Replay, replay_key};
use super::select::Selection;
use crate::bulk::{self, LOOK, Progress};
use crate::pega::log::EventLog;

/// Events that are counted before a replay, at most, and pages that are looked at for it:
/// where few of many events are meant, a page is two thousand of them.
const COUNTED: usize = 20_000;
const PAGES: usize = 250;

/// The use case.
#[derive(Clone)]
pub struct Replays {
    pub(super) log: EventLog,
    pub(super) trail: Trail,
}

/// What a replay is to be.
pub(super) struct NewReplay {
    pub selection: Selection,
    pub reason: String,
    pub pace: u32,
    pub afresh: bool,
}

impl Replays {
    /// Needs the tables `events`, `control` and `audit`, and the queue of events.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { log: EventLog::load(env)?, trail: Trail::load(env)? })
    }

    /// How many events a replay would be about, and whether there are more.
    pub(super) async fn count(
        &self,
        tenant: &Tenant,
        selection: &Selection,
    ) -> Result<(usize, bool)> {
        let (mut count, mut pages, mut below) = (0, 0, Some(i64::MAX));
        while let Some(from) = below.filter(|_| count < COUNTED && pages < PAGES) {
            pages += 1;
            let (events, next) = selection.page(&self.log, tenant, from, LOOK).await?;
            count += events.len();
            below = next;
        }
        Ok((count, below.is_some()))
    }

    /// Starts one about the events that there are now.
    pub(super) async fn start(&self, by: &Caller, new: NewReplay) -> Result<Replay> {
        let (jobs, id) = (&self.log.lane.jobs, ids::time_ordered());
        let now = jobs.clock.now_ms();
        let Key { pk, sk } = replay_key(&by.tenant, &id);
        let replay = Replay {
            pk,
            sk,
            selection: serde_json::to_string(&new.selection).map_err(Error::internal)?,
            reason: new.reason,
            by: by.actor.clone(),
            corr: by.corr.clone(),
            pace: new.pace,
            afresh: new.afresh,
            progress: Progress::below(self.log.ids.last(&by.tenant).await? + 1),
            created_at: now,
            // Below all events, which stand in the same lists.
            job: Job::fresh(now, -now, &jobs.policy),
        };
        let details = json!({
            "selection": new.selection, "reason": replay.reason, "afresh": replay.afresh,
        });
        let writes = vec![
            self.log.events.put(Item::of(&replay)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, "replay.start", format!("replay:{id}"), &details)?,
        ];
        match self.log.events.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.log.lane.hint(Hint::at(replay_key(&by.tenant, &id))).await;
                Ok(replay)
            }
            Written::Refused(_) => Err(Error::bug("a replay's id was given twice")),
        }
    }

    /// One replay.
    pub(super) async fn find(&self, tenant: &Tenant, id: &str) -> Result<Replay> {
        let row = bulk::find(&self.log.events, &replay_key(tenant, id)).await?;
        row.ok_or_else(|| Error::not_found("Replay not found"))
    }

    /// A page of replays, newest first, and the id behind which to go on.
    pub(super) async fn list(
        &self,
        tenant: &Tenant,
        limit: usize,
        behind: Option<&str>,
    ) -> Result<(Vec<Replay>, Option<String>)> {
        bulk::newest(&self.log.events, &replay_key(tenant, "").pk, limit, behind).await
    }
}
