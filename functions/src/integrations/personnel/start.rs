//! Use case: have a connection's personnel synchronised, one synchronisation at a time.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::jobs::{Job, Row};
use shared::table::{Cond, Item, Key};
use shared::web::Caller;
use utoipa::ToSchema;

use super::compare::Counts;
use super::roster::Roster;
use super::sync::{PersonnelSync, Stage, Wanted, sync_key};
use crate::integrations::connections::{Connection, Direction, IntegrationType, SyncType};
use crate::integrations::means::{Means, Told};
use crate::pages::PageSet;

/// The most departments that can be asked for, and the longest name of one, in characters.
const MOST_DEPARTMENTS: usize = 100;
const LONGEST_DEPARTMENT: usize = 255;

/// The use cases of personnel. Cheap to clone.
#[derive(Clone)]
pub struct Personnel {
    pub(super) means: Means,
}

/// What is to be synchronised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSync {
    /// The period that the source tells balances for.
    #[schema(format = Date, example = "2024-01-01")]
    start_date: String,
    #[schema(format = Date, example = "2024-01-31")]
    end_date: String,
    /// Whether who is missing has left. Otherwise people leave by their last day alone.
    #[serde(default)]
    full_sync: bool,
    /// Only these departments, by id or name; all, when not given.
    departments: Option<Vec<String>>,
    /// The connection, if there are several of 1C.
    #[schema(format = "uuid")]
    connection_id: Option<String>,
}

impl Personnel {
    /// Needs what every synchronisation needs.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { means: Means::load(env)? })
    }

    /// Starts a synchronisation.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` without a connection in use; `Conflict`,
    /// naming it, while another one is under way.
    pub(super) async fn start(&self, by: &Caller, new: NewSync) -> Result<PersonnelSync> {
        let named = new.connection_id.clone();
        let wanted = new.read()?;
        let of = IntegrationType::OneC;
        let connection = self.means.connections.chosen(&by.tenant, of, named.as_deref()).await?;
        self.start_over(by, &connection, wanted).await
    }

    /// Starts one over a connection that is in use.
    ///
    /// # Errors
    /// `Conflict`, naming it, while another one is under way.
    pub(super) async fn start_over(
        &self,
        by: &Caller,
        connection: &Connection,
        wanted: Wanted,
    ) -> Result<PersonnelSync> {
        let (tenant, means) = (&by.tenant, &self.means);
        let of = (SyncType::Personnel, Direction::Inbound);
        let (log, mut writes) = means.logs.start(tenant, connection, of.0, of.1)?;
        let Key { pk, sk } = sync_key(tenant, &connection.id, &log.id);
        let now = log.started_at;
        let sync = PersonnelSync {
            connection_id: connection.id.clone(),
            wanted,
            by: by.actor.clone(),
            corr: by.corr.clone(),
            started_at: now,
            stage: Stage::Fetch,
            told: None,
            before: PageSet::default(),
            next: PageSet::named(format!("next.{sk}")),
            position: String::new(),
            steps: 0,
            counts: Counts::default(),
            ticket_id: None,
            decide_by: None,
            decision: None,
            ended_at: None,
            refused: None,
            job: Job::fresh(now, now, &means.lane.jobs.policy),
            pk,
            sk,
            log,
        };
        let told = json!({ "sync_id": sync.id(), "connection_id": connection.id,
            "sync_type": "personnel", "full_sync": sync.wanted.full });
        writes.extend([
            means.table.put(Item::of(&sync)?, Some(Cond::Absent("pk"))),
            Roster::take(&means.table, tenant, &connection.id, sync.id()),
        ]);
        let told = Told { connection: &connection.id, action: "personnel.sync", data: &told };
        if !means.begin(by, told, writes).await? {
            return Err(self.why_not(by, connection).await?);
        }
        means.hint(sync.key()).await;
        Ok(sync)
    }

    /// Why none could be started.
    async fn why_not(&self, by: &Caller, connection: &Connection) -> Result<Error> {
        let roster = Roster::find(&self.means.table, &by.tenant, &connection.id).await?;
        let told = match roster.running {
            Some(running) => format!("A synchronisation is under way: {running}"),
            None => "The connection was changed by somebody else at the same moment".to_owned(),
        };
        Ok(Error::new(Kind::Conflict, told))
    }
}

impl NewSync {
    fn read(self) -> Result<Wanted> {
        let day = |field, text: &str| {
            let day: Result<Date, _> = text.parse();
            day.map_err(|_| Error::invalid(field, "must be a date like 2024-01-31"))
        };
        let start = day("start_date", &self.start_date)?;
        let end = day("end_date", &self.end_date)?;
        if end < start {
            return Err(Error::invalid("end_date", "must not be before start_date"));
        }
        let departments = self.departments.unwrap_or_default();
        let fits = |name: &String| (1..=LONGEST_DEPARTMENT).contains(&name.chars().count());
        if departments.len() > MOST_DEPARTMENTS || !departments.iter().all(fits) {
            let told = "must be at most 100 names of 1 to 255 characters";
            return Err(Error::invalid("departments", told));
        }
        let (start_date, end_date) = (start.to_string(), end.to_string());
        Ok(Wanted { start_date, end_date, full: self.full_sync, departments })
    }
}
