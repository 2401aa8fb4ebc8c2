//! What every synchronisation works with, how one begins and how one ends: with its log, the
//! entry of the audit trail and the messages in the moment of what they tell of.

use serde_json::Value as Json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::jobs::{Lane, Record};
use shared::queue::Hint;
use shared::table::{Key, Table, Write, Written};
use shared::web::Caller;

use super::connections::{Connections, Records, SyncLog, SyncLogs};
use super::lane::lane;
use crate::messages::Emitter;
use crate::messages::catalogue::{EventType, SYNC_STARTED};

/// What synchronisations work with. Cheap to clone.
#[derive(Clone)]
pub struct Means {
    /// The table `workforce`.
    pub table: Table,
    /// The audit trail.
    pub trail: Trail,
    /// What tells others.
    pub emitter: Emitter,
    /// The logs of connections.
    pub logs: SyncLogs,
    /// Connections.
    pub connections: Connections,
    /// The lane of their jobs.
    pub lane: Lane,
    /// What time it is.
    pub clock: Clock,
}

/// What is told of a synchronisation that begins or ends.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The connection's id.
    pub connection: &'a str,
    /// What the audit trail calls it.
    pub action: &'static str,
    /// What others and the trail are told; holds no secret.
    pub data: &'a Json,
}

impl Means {
    /// Needs what connections need, the table `workforce`, and its queue.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            table: env.table("WORKFORCE_TABLE")?,
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            logs: SyncLogs::load(env)?,
            connections: Connections::load(env)?,
            lane: lane(env)?,
            clock: env.clock(),
        })
    }

    /// Begins one with these writes. False when one of them was refused, and so none was
    /// made.
    pub async fn begin(
        &self,
        by: &Caller,
        Told { connection, action, data }: Told<'_>,
        mut writes: Vec<Write>,
    ) -> Result<bool> {
        let mut emission = self.emitter.prepare(&by.tenant, SYNC_STARTED, data).await?;
        writes.push(self.trail.entry(by, action, format!("connection:{connection}"), data)?);
        writes.extend(emission.take_writes());
        if let Written::Refused(_) = self.table.transact(&ids::time_ordered(), writes).await? {
            return Ok(false);
        }
        self.emitter.announce(emission).await;
        Ok(true)
    }

    /// Has a worker go on with the job at this key.
    pub async fn hint(&self, job: Key) {
        self.lane.hint(Hint::at(job)).await;
    }

    /// What is to be written when one ends: well, if there is no error.
    pub async fn end(
        &self,
        by: &Caller,
        log: &SyncLog,
        (records, error): (Records, Option<&str>),
        Told { connection, action, data }: Told<'_>,
        messages: &[EventType],
    ) -> Result<Record> {
        let mut record = Record::default();
        for kind in messages {
            let emission = self.emitter.prepare(&by.tenant, *kind, data).await?;
            record = record.and(self.emitter.record(emission));
        }
        record.also.extend(self.logs.finish(&by.tenant, log, records, error));
        record.also.push(self.trail.entry(by, action, format!("connection:{connection}"), data)?);
        Ok(record)
    }
}
