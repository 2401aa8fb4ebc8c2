//! Use case: take changes of status. Each goes into the agent's history, whatever else was
//! heard of the agent; and becomes the current status if it is later than what that rests on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::table::{Item, Table, Written};
use shared::tenant::Tenant;
use shared::web::to_the_second;

use super::super::centre::Centres;
use super::super::records::{Centre, Current, Mark, Origin, Records, StatusMark, Stretch};
use super::body::Pushed;
use crate::messages::Emitter;
use crate::messages::catalogue::AGENT_STATUS_UPDATED;

/// How long it is taken for granted that somebody listens, or nobody, in milliseconds.
const HEARD: i64 = 2000;
/// Agents of one request that are worked on side by side.
const AT_ONCE: usize = 8;
/// Changes of one agent in one second that are looked at to settle which is the last.
const OF_A_MOMENT: usize = 100;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct PushIntake {
    centres: Centres,
    records: Records,
    table: Table,
    emitter: Emitter,
    pub(super) clock: Clock,
    heard: Arc<Mutex<HashMap<Tenant, (i64, bool)>>>,
}

impl PushIntake {
    /// Needs the table `workforce`, and what connections and messages need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            centres: Centres::load(env)?,
            records: Records::load(env)?,
            table: env.table("WORKFORCE_TABLE")?,
            emitter: Emitter::load(env)?,
            clock: env.clock(),
            heard: Arc::default(),
        })
    }

    /// Takes changes; they are on record when this is back. When it fails some may be, and
    /// sending all of them again does no harm.
    pub(super) async fn take(
        &self,
        tenant: &Tenant,
        connection: Option<&str>,
        pushed: Vec<Pushed>,
    ) -> Result<()> {
        let connection = self.centres.lately(tenant, connection).await?;
        let centre = Centre { tenant, connection: &connection };
        let heard = self.is_heard(tenant).await?;
        let mut agents = HashMap::<String, Vec<StatusMark>>::new();
        let mut items = HashMap::new();
        for Pushed { mark, raw } in pushed {
            let row = self.records.row(centre, mark.clone(), Origin::RealtimeApi, Some(raw));
            items.insert(row.key(), Item::of(&row)?);
            agents.entry(mark.status.agent.clone()).or_default().push(mark);
        }
        // History first: what settles a moment is read from it.
        self.table.put_many(items.into_values().collect()).await?;
        let agents = agents.into_values().map(|marks| self.moves(centre, marks, heard));
        let agents: Vec<_> = agents.collect();
        stream::iter(agents).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }

    /// Brings an agent's current status up to date with changes that are in the history.
    async fn moves(
        &self,
        centre: Centre<'_>,
        mut marks: Vec<StatusMark>,
        heard: bool,
    ) -> Result<()> {
        marks.sort_by_key(|mark| (mark.status.start, mark.mark == Mark::Entered));
        if !heard {
            // Only one of the last moment can be the current one.
            let last = marks.last().map(|mark| mark.status.start);
            marks.retain(|mark| Some(mark.status.start) == last);
        }
        for mark in marks {
            let update = self.records.moves(centre, &mark);
            let written = if heard && mark.mark == Mark::Entered {
                let mut emission = self.tell(centre, &mark).await?;
                let mut writes = emission.take_writes();
                writes.push(self.table.change(update));
                let written = self.table.transact(&ids::time_ordered(), writes).await?;
                if matches!(written, Written::Done) {
                    self.emitter.announce(emission).await;
                }
                written
            } else {
                self.table.update(update).await?
            };
            if let Written::Refused(refusals) = written {
                let stands = refusals.into_iter().find_map(|refusal| refusal.found);
                self.settle(centre, &mark, stands).await?;
            }
        }
        Ok(())
    }

    /// Of several statuses entered in one second, the current one is that which was not left
    /// in it. The protocol's moments are whole seconds.
    async fn settle(
        &self,
        centre: Centre<'_>,
        mark: &StatusMark,
        stands: Option<Item>,
    ) -> Result<()> {
        let Some(stands) = stands.and_then(|item| item.parse::<Current>().ok()) else {
            return Ok(());
        };
        if !stands.is_of_the_moment_of(mark) {
            return Ok(());
        }
        let at = mark.status.start;
        let (agent, moment) = (&mark.status.agent, Stretch { from: at, to: at });
        let found = self.records.of_one::<StatusMark>(centre, agent, moment, OF_A_MOMENT).await?;
        let marks: Vec<StatusMark> = found.rows.into_iter().map(|row| row.record).collect();
        let code = |mark: &StatusMark| mark.status.state_code.clone();
        let left: Vec<_> = marks.iter().filter(|one| one.mark == Mark::Left).map(code).collect();
        let mut entered = marks.iter().filter(|one| one.mark == Mark::Entered);
        // In the order of their keys, so that it is the same one whoever comes last.
        let last = entered.rfind(|one| !left.contains(&code(one)));
        match last {
            Some(last) if stands.state_code != Some(code(last)) => {
                let settled = self.records.settles(centre, last, stands.seen);
                self.table.update(settled).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn tell(
        &self,
        centre: Centre<'_>,
        mark: &StatusMark,
    ) -> Result<crate::messages::Emission> {
        let status = &mark.status;
        let data = json!({
            "connection_id": centre.connection,
            "agent_id": status.agent,
            "status": status.state_code,
            "state_name": status.state_name,
            "timestamp": to_the_second(status.start),
        });
        self.emitter.prepare(centre.tenant, AGENT_STATUS_UPDATED, &data).await
    }

    /// Whether anybody wants to hear of it, as of the last two seconds.
    async fn is_heard(&self, tenant: &Tenant) -> Result<bool> {
        let (now, heard) =
            (self.clock.now_ms(), || self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some((_, is)) = heard().get(tenant).filter(|(until, _)| now < *until) {
            return Ok(*is);
        }
        let is = self.emitter.is_heard(tenant, AGENT_STATUS_UPDATED).await?;
        heard().insert(tenant.clone(), (now + HEARD, is));
        Ok(is)
    }
}
