//! Processes as they are stored: read, made, and changed. Each change makes a version, which
//! is kept, and commits with its entry of the audit trail and its message.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::Policy;
use shared::sequence::Sequence;
use shared::table::{Cond, Item, Key, Query, Range, Read, Table, Write, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{Process, directory, process_key, step_key, unknown_process, unknown_step};
use crate::messages::Emitter;
use crate::messages::catalogue::{EventType, PROCESS_CREATED};
use crate::processes::retention::Retention;
use crate::processes::runs::runs_table;

/// How often a change that others interfere with is tried.
const TRIES: u32 = 8;
/// How many versions are listed; older ones are found by their number.
const MOST_VERSIONS: i32 = 50;
/// The largest process with its steps, in bytes of JSON: DynamoDB's rows have 400 KB.
const LARGEST: usize = 350 * 1024;

/// The use cases of processes and their steps. Cheap to clone.
#[derive(Clone)]
pub struct Processes {
    pub(super) table: Table,
    pub(super) trail: Trail,
    emitter: Emitter,
    pub(super) clock: Clock,
    pub(super) ids: Sequence,
    pub(super) step_ids: Sequence,
    pub(super) template_ids: Sequence,
    /// How patient the jobs of retention are.
    pub(super) policy: Policy,
}

/// What was done to a process.
pub(super) struct Deed {
    /// What the audit trail calls it.
    pub action: &'static str,
    /// What else is to be known of it.
    pub details: Json,
    /// As what it is told.
    pub message: EventType,
    /// What else belongs to it. None of these is ever refused.
    pub also: Vec<Write>,
}

/// A version that there was of a process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pk: String,
    sk: String,
    pub version: i64,
    /// Who made it, and when (milliseconds since 1970).
    pub by: String,
    pub at: i64,
    pub process: Process,
}

/// Which process a step is of.
#[derive(Serialize, Deserialize)]
struct StepPlace {
    pk: String,
    sk: String,
    process_id: i64,
}

impl Processes {
    /// Needs the tables `runs`, `control`, `audit` and `messages`, and the queues of
    /// deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            table: runs_table(env)?,
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            clock: env.clock(),
            ids: Sequence::new(control.clone(), "processes"),
            step_ids: Sequence::new(control.clone(), "steps"),
            template_ids: Sequence::new(control, "process-templates"),
            policy: crate::processes::policy(env)?,
        })
    }

    /// All processes that there ever were, by their ids.
    pub async fn ever(&self, tenant: &Tenant) -> Result<Vec<Process>> {
        self.table.query_all(Query::partition(&directory(tenant))).await
    }

    /// All processes that are not deleted, by their ids.
    pub async fn all(&self, tenant: &Tenant) -> Result<Vec<Process>> {
        let mut processes = self.ever(tenant).await?;
        processes.retain(|process| process.deleted_at.is_none());
        Ok(processes)
    }

    /// A process that is not deleted.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn find(&self, tenant: &Tenant, id: i64) -> Result<Process> {
        let process = self.any(tenant, id).await?;
        if process.deleted_at.is_some() { Err(unknown_process()) } else { Ok(process) }
    }

    /// A process, deleted or not.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn any(&self, tenant: &Tenant, id: i64) -> Result<Process> {
        let found = self.table.get(&process_key(tenant, id), Read::Consistent).await?;
        found.ok_or_else(unknown_process)
    }

    /// The process that a step is of, if neither is deleted.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn of_step(&self, tenant: &Tenant, step: i64) -> Result<Process> {
        let place: Option<StepPlace> =
            self.table.get(&step_key(tenant, step), Read::Consistent).await?;
        let place = place.ok_or_else(unknown_step)?;
        let process = self.find(tenant, place.process_id).await.map_err(|_| unknown_step())?;
        if process.step(step).is_some() { Ok(process) } else { Err(unknown_step()) }
    }

    /// The newest versions of a process, newest first.
    pub(super) async fn versions(&self, tenant: &Tenant, id: i64) -> Result<Vec<Version>> {
        let range = Range::Between("V".into(), "W".into());
        let query = Query::partition(&versions_of(tenant, id)).range("sk", range);
        Ok(self.table.query(query.descending().limit(MOST_VERSIONS)).await?.items)
    }

    /// One version of a process.
    ///
    /// # Errors
    /// `NotFound` when there is none of this number.
    pub(super) async fn version(&self, tenant: &Tenant, id: i64, number: i64) -> Result<Version> {
        let key = version_key(tenant, id, number);
        let found = self.table.get(&key, Read::Consistent).await?;
        found.ok_or_else(|| Error::not_found("The process has no such version"))
    }

    /// Writes a new process.
    pub(super) async fn write_new(&self, by: &Caller, process: &Process) -> Result<()> {
        let places = process.steps.iter().map(|step| place(&by.tenant, step.id, process.id));
        // First, as they may be many: of a process that is not there they say nothing.
        self.table.put_many(places.collect::<Result<_>>()?).await?;
        let mut also = Vec::new();
        if process.retention_months.is_some() {
            let (id, now) = (process.id, process.created_at);
            let row = Retention::of(&by.tenant, id, None, &self.policy, now);
            also.push(self.table.put(Item::of(&row)?, None));
        }
        let deed = Deed {
            action: "process.create",
            details: json!({ "name": process.name, "steps": process.steps.len() }),
            message: PROCESS_CREATED,
            also,
        };
        match self.write(by, process, Cond::Absent("pk"), deed).await? {
            true => Ok(()),
            false => Err(Error::bug("a process's number was given twice")),
        }
    }

    /// Changes a process that is not deleted: `act` is shown it as it stands and the moment,
    /// changes it, and says what it did; nothing, when that leaves everything as it is.
    ///
    /// # Errors
    /// `NotFound` when there is none; what `act` answers.
    pub(super) async fn change<F>(&self, by: &Caller, id: i64, act: F) -> Result<Process>
    where
        F: Fn(&mut Process, i64) -> Result<Option<Deed>>,
    {
        for _ in 0..TRIES {
            let seen = self.find(&by.tenant, id).await?;
            if let Some(next) = self.try_change(by, seen, &act).await? {
                return Ok(next);
            }
        }
        Err(interfered())
    }

    /// The same for a process as it was read, deleted or not. None when it is not so any
    /// more.
    pub(super) async fn try_change<F>(
        &self,
        by: &Caller,
        seen: Process,
        act: &F,
    ) -> Result<Option<Process>>
    where
        F: Fn(&mut Process, i64) -> Result<Option<Deed>>,
    {
        let (version, now) = (seen.version, self.clock.now_ms());
        let mut next = seen;
        let Some(deed) = act(&mut next, now)? else { return Ok(Some(next)) };
        next.steps.sort_by_key(|step| (step.index, step.id));
        next.version = version + 1;
        next.updated_at = now;
        let unchanged = Cond::Eq("version", version.into());
        Ok(self.write(by, &next, unchanged, deed).await?.then_some(next))
    }

    async fn write(&self, by: &Caller, process: &Process, when: Cond, deed: Deed) -> Result<bool> {
        must_fit(process)?;
        let Key { pk, sk } = version_key(&by.tenant, process.id, process.version);
        let (at, version) = (process.updated_at, process.version);
        let kept = Version { pk, sk, version, by: by.actor.clone(), at, process: process.clone() };
        let told = json!({ "process_id": process.id, "name": process.name, "version": version });
        let mut emission = self.emitter.prepare(&by.tenant, deed.message, &told).await?;
        let subject = format!("process:{}", process.id);
        let mut writes = vec![
            self.table.put(Item::of(process)?, Some(when)),
            self.table.put(Item::of(&kept)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, deed.action, subject, &deed.details)?,
        ];
        writes.extend(deed.also);
        writes.extend(emission.take_writes());
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.emitter.announce(emission).await;
                Ok(true)
            }
            Written::Refused(_) => Ok(false),
        }
    }
}

/// The row that says which process a step is of.
pub(super) fn place(tenant: &Tenant, step: i64, process_id: i64) -> Result<Item> {
    let Key { pk, sk } = step_key(tenant, step);
    Item::of(&StepPlace { pk, sk, process_id })
}

fn must_fit(process: &Process) -> Result<()> {
    let size = serde_json::to_vec(process).map_err(Error::internal)?.len();
    if size > LARGEST {
        let told = format!("The process with its steps would be larger than {LARGEST} bytes");
        return Err(Error::new(Kind::TooLarge, told));
    }
    Ok(())
}

fn versions_of(tenant: &Tenant, id: i64) -> String {
    tenant.pk("PROCESS", id)
}

fn version_key(tenant: &Tenant, id: i64, version: i64) -> Key {
    Key { pk: versions_of(tenant, id), sk: format!("V{version:08}") }
}

/// The answer to somebody who changes what others keep changing.
pub(super) fn interfered() -> Error {
    Error::new(Kind::Conflict, "The process is being changed by others")
}
