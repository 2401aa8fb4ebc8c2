//! Use case: start a run, with a step run for each step of its process, in one write.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::idempotency::{IdempotencyKey, Remembered};
use shared::ids;
use shared::table::Table;
use shared::web::{Caller, moment};
use utoipa::ToSchema;

use super::model::{Run, Start};
use super::store::RunStore;
use crate::processes::definitions::Processes;
use crate::processes::index::check_meta;

/// The longest that a run is about, and what it is called, in characters.
const LONGEST_ENTITY: usize = 100;
const LONGEST_NAME: usize = 255;

/// The use cases of runs and step runs. Cheap to clone.
#[derive(Clone)]
pub struct Runs {
    pub(super) store: RunStore,
    pub(super) processes: Processes,
    control: Table,
}

/// A run that is to start.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    #[schema(example = 1)]
    process_id: i64,
    /// What it is about.
    #[schema(min_length = 1, max_length = 100, example = "CUST-20251003-001")]
    entity_id: String,
    #[schema(max_length = 255, example = "Acme Corporation")]
    entity_name: Option<String>,
    /// What else is to be known of it; runs are searched by its members. At most 32 KiB, and
    /// 64 texts, numbers and truths.
    #[serde(default)]
    #[schema(value_type = Object)]
    meta: Map<String, Json>,
    /// When it is to have ended: RFC 3339, or a date. As its process says when not given.
    #[schema(example = "2125-10-04T00:00:00Z")]
    deadline: Option<String>,
}

impl Runs {
    /// Needs the tables `runs`, `control`, `audit` and `messages`, and the queues of
    /// deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            store: RunStore::load(env)?,
            processes: Processes::load(env)?,
            control: env.table("CONTROL_TABLE")?,
        })
    }

    /// Starts a run, or answers the one that was started under this key.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` when there is no such process.
    pub(super) async fn start(
        &self,
        by: &Caller,
        new: &NewRun,
        key: Option<IdempotencyKey>,
    ) -> Result<Run> {
        let deadline = new.check()?;
        let digest = ids::hex_digest(&serde_json::to_vec(new).map_err(Error::internal)?);
        if let Some(key) = &key {
            let known = key.look_up(&self.control, &by.tenant, &self.store.clock).await?;
            if let Some(known) = known {
                return self.known(by, &known, &digest).await;
            }
        }
        let process = self.processes.find(&by.tenant, new.process_id).await;
        let process = process.map_err(|error| match error.kind {
            Kind::NotFound => {
                Error::not_found(format!("Process with id '{}' not found", new.process_id))
            }
            _ => error,
        })?;
        let start = Start {
            process: &process,
            entity_id: new.entity_id.clone(),
            entity_name: new.entity_name.clone(),
            meta: &new.meta,
            deadline: deadline.map(Timestamp::as_millisecond),
        };
        let id = self.store.next_number(&by.tenant).await?;
        let run = Run::new(&by.tenant, id, start, self.store.clock.now_ms());
        let clock = &self.store.clock;
        let remember = key.map(|key| key.remember(&self.control, &by.tenant, clock, id, &digest));
        let also = remember.transpose()?.into_iter().collect();
        match self.store.create(by, &run, also).await? {
            Ok(()) => Ok(run),
            Err(Some(first)) => self.known(by, &first.parse()?, &digest).await,
            Err(None) => Err(Error::bug("what stood in a key's way is nothing")),
        }
    }

    /// The run that was started first under a key.
    async fn known(&self, by: &Caller, known: &Remembered, digest: &str) -> Result<Run> {
        if known.body != digest {
            let message = "was used before for another run";
            return Err(Error::invalid("header Idempotency-Key", message));
        }
        self.store.find(&by.tenant, known.id).await
    }
}

impl NewRun {
    /// Its deadline, if all of it can be so.
    fn check(&self) -> Result<Option<Timestamp>> {
        entity_id(&self.entity_id)?;
        entity_name(self.entity_name.as_deref())?;
        check_meta(&self.meta)?;
        self.deadline.as_deref().map(|text| moment("deadline", text)).transpose()
    }
}

fn entity_id(text: &str) -> Result<()> {
    match text.chars().count() {
        1..=LONGEST_ENTITY if !text.trim().is_empty() => Ok(()),
        _ => {
            let message = format!("must have 1 to {LONGEST_ENTITY} characters");
            Err(Error::invalid("entity_id", message))
        }
    }
}

fn entity_name(text: Option<&str>) -> Result<()> {
    if text.is_none_or(|text| text.chars().count() <= LONGEST_NAME) {
        return Ok(());
    }
    Err(Error::invalid("entity_name", format!("must have at most {LONGEST_NAME} characters")))
}
