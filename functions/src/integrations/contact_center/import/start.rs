//! Use case: begin an import. What was sent is read and written down first; then one
//! transaction makes it an import, with its job, its sync log, its idempotency key and its
//! entry of the audit trail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::idempotency::IdempotencyKey;
use shared::jobs::{Job, Row, Runner, Standing};
use shared::queue::{Hint, Unheard};
use shared::table::{Cond, Item, Key, Read, Table, Write, count};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::super::centre::{Centres, centre};
use super::keyed::Keyed;
use super::model::{Import, ImportOptions, KEPT, Stage, imports};
use super::parts::{errors_of, parts_of};
use super::plan::Plan;
use super::worker::Importing;
use crate::bulk;
use crate::integrations::connections::{Connection, Direction, SyncType};
use crate::integrations::means::{Means, Told};

/// How long a caller waits for an import, in seconds; API Gateway gives up after 29.
const WAITS: u64 = 20;
/// How often one is looked at that another worker took, or that has to wait.
const LOOKS: Duration = Duration::from_millis(50);

/// The use cases of imports. Cheap to clone.
#[derive(Clone)]
pub struct Imports {
    pub(super) centres: Centres,
    pub(super) means: Means,
    pub(super) control: Table,
    attendant: Arc<Runner<Importing>>,
    waits: Duration,
}

/// What is sent, and how it is to be imported.
pub struct NewImport {
    pub options: ImportOptions,
    pub data: Vec<Json>,
    /// Records that are worked on together.
    pub together: usize,
}

impl Imports {
    /// Needs what connections and messages need, the tables `workforce` and `control`, and
    /// the queue of the first.
    pub fn load(env: &Env) -> Result<Self> {
        let means = Means::load(env)?;
        // It goes from step to step by itself.
        let attendant =
            Runner::new(Importing::load(env)?, means.lane.jobs.clone(), Arc::new(Unheard));
        Ok(Self {
            centres: Centres::load(env)?,
            control: env.table("CONTROL_TABLE")?,
            attendant: Arc::new(attendant),
            waits: Duration::from_secs(env.parsed("IMPORT_WAIT_SECONDS", WAITS)?),
            means,
        })
    }

    /// Begins an import, or answers the one that was begun under this key.
    ///
    /// # Errors
    /// `NotFound` without a connection in use; `Invalid` when the key was used for another
    /// import.
    pub(super) async fn start(
        &self,
        by: &Caller,
        named: Option<&str>,
        new: NewImport,
        key: Option<IdempotencyKey>,
    ) -> Result<Import> {
        let mut keyed = key.map(|key| Keyed::of(key, named, &new)).transpose()?;
        if let Some(keyed) = &mut keyed
            && let Some(first) = keyed.first(self, &by.tenant).await?
        {
            return Ok(first);
        }
        let of = self.centres.one(&by.tenant, named).await?;
        self.begin(by, &of, new, keyed).await
    }

    /// Writes down what was sent, and then the import.
    async fn begin(
        &self,
        by: &Caller,
        of: &Connection,
        new: NewImport,
        keyed: Option<Keyed>,
    ) -> Result<Import> {
        let (tenant, total, options) = (&by.tenant, new.data.len(), new.options);
        let mut plan = Plan::of(centre(tenant, of), options, new.data);
        if options.whole && !plan.wrong.is_empty() {
            plan.sent.clear();
        }
        let (log, writes) =
            self.means.logs.start(tenant, of, SyncType::BulkImport, Direction::Inbound)?;
        let here = (tenant, log.id.as_str(), log.started_at);
        let parts = parts_of(here, &plan.sent, new.together)?;
        let import = Import {
            pk: imports(tenant),
            sk: log.id.clone(),
            connection_id: of.id.clone(),
            options,
            by: by.actor.clone(),
            corr: by.corr.clone(),
            total: count(total),
            parts: parts.len(),
            stage: Stage::Check,
            next: 0,
            successful: 0,
            failed: count(plan.wrong.len()),
            rejected: false,
            started_at: log.started_at,
            ended_at: None,
            expires_at: log.started_at / 1000 + KEPT,
            job: Job::fresh(log.started_at, log.started_at, &self.means.lane.jobs.policy),
            log: log.clone(),
        };
        self.means.table.put_many(parts).await?;
        self.means.table.put_many(errors_of(here, "sent", &plan.wrong)?).await?;
        self.write(by, import, writes, keyed).await
    }

    /// Makes it an import, together with the writes of its log.
    async fn write(
        &self,
        by: &Caller,
        import: Import,
        mut writes: Vec<Write>,
        keyed: Option<Keyed>,
    ) -> Result<Import> {
        let tenant = &by.tenant;
        let data = json!({ "sync_id": import.id(), "connection_id": import.connection_id,
            "sync_type": "bulk_import", "data_type": import.options.data_type,
            "records_total": import.total });
        writes.push(self.means.table.put(Item::of(&import)?, Some(Cond::Absent("pk"))));
        let remember = keyed.as_ref().map(|keyed| {
            let (id, clock) = (import.id().to_owned(), &self.means.clock);
            keyed.remember(&self.control, tenant, clock, id)
        });
        writes.extend(remember.transpose()?);
        let action = "contact_center.import";
        let told = Told { connection: &import.connection_id, action, data: &data };
        if self.means.begin(by, told, writes).await? {
            return Ok(import);
        }
        // Whoever else used the key at the same moment was first.
        let first = match keyed {
            Some(mut keyed) => keyed.first(self, tenant).await?,
            None => None,
        };
        first.ok_or_else(|| {
            let told = "The connection was changed by somebody else at the same moment";
            Error::new(Kind::Conflict, told)
        })
    }

    /// A tenant's import.
    ///
    /// # Errors
    /// `NotFound`, for another tenant's as well.
    pub(super) async fn find(&self, tenant: &Tenant, id: &str) -> Result<Import> {
        let key = Key { pk: imports(tenant), sk: id.to_owned() };
        let found = bulk::find(&self.means.table, &key).await?;
        found.ok_or_else(|| Error::not_found("Import not found"))
    }

    /// Has a worker carry an import out.
    pub(super) async fn leave(&self, import: &Import) {
        self.means.hint(import.key()).await;
    }

    /// Carries an import out while its caller waits, for as long as that may be, and answers
    /// how it stands then. What is left is a worker's.
    pub(super) async fn attend(&self, import: Import) -> Result<Import> {
        let (here, key) = (self.clone(), import.key());
        // A caller who goes away breaks nothing off.
        let carried = tokio::spawn(async move { here.carry_out(&key).await });
        let import = carried.await.map_err(Error::internal)??;
        if !import.is_over() {
            self.leave(&import).await;
        }
        Ok(import)
    }

    async fn carry_out(&self, key: &Key) -> Result<Import> {
        let until = Instant::now() + self.waits;
        loop {
            self.attendant.deliver(Hint::at(key.clone())).await?;
            let import: Option<Import> = self.means.table.get(key, Read::Consistent).await?;
            let import = import.ok_or_else(|| Error::bug("an import is gone"))?;
            if import.is_over() || Instant::now() >= until {
                return Ok(import);
            }
            let (now, most) = (self.means.clock.now_ms(), self.means.lane.jobs.policy.max_attempts);
            if let Standing::Held | Standing::Later(_) = import.job.standing(now, most) {
                tokio::time::sleep(LOOKS).await;
            }
        }
    }
}
