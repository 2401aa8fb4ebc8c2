//! Synchronisations and people as they are shown.

use serde::Serialize;
use shared::error::Result;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::compare::Counts;
use super::model::{Change, Person};
use super::sync::{Decision, Fault, PersonnelSync, PersonnelSyncStatus};

/// A synchronisation. The first seven members are the contract's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SyncOperationResponse)]
pub struct SyncView {
    /// Also the id of its sync log.
    #[schema(format = "uuid")]
    sync_id: String,
    status: PersonnelSyncStatus,
    #[schema(format = DateTime)]
    started_at: String,
    /// Always null: how long a source takes is not known.
    estimated_completion: Option<String>,
    /// How much of what the source told is compared.
    #[schema(minimum = 0, maximum = 100)]
    progress_percentage: i64,
    records_to_process: Option<i64>,
    records_processed: i64,
    #[schema(format = "uuid")]
    connection_id: String,
    #[schema(format = Date)]
    start_date: String,
    #[schema(format = Date)]
    end_date: String,
    full_sync: bool,
    departments: Vec<String>,
    /// What it found so far.
    changes: Counts,
    records_failed: i64,
    /// The first hundred records that cannot be read. Who is meant by one stays as they are.
    errors: Vec<Fault>,
    /// The ticket that asks a person whether so many have really left.
    ticket_id: Option<String>,
    /// Until when somebody may decide.
    #[schema(format = DateTime)]
    decide_by: Option<String>,
    decision: Option<Decision>,
    created_by: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Why nothing was published, or why the last attempt failed.
    error: Option<String>,
}

/// What a step of a synchronisation changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonnelChanges {
    pub(super) changes: Vec<Change>,
    /// The step to ask for next, if there is more.
    pub(super) next: Option<i64>,
}

/// Some of the people of a connection, by their ids.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonnelList {
    pub(super) personnel: Vec<Person>,
    /// How many there are, whatever is asked for.
    pub(super) total_count: usize,
    #[schema(format = "uuid")]
    pub(super) connection_id: String,
    /// The synchronisation that published them; none before the first one.
    #[schema(format = "uuid")]
    pub(super) sync_id: Option<String>,
    #[schema(format = DateTime)]
    pub(super) published_at: Option<String>,
    /// The cursor of the next page, if there may be more.
    pub(super) next: Option<String>,
}

impl SyncView {
    /// Shows a synchronisation.
    pub(super) fn of(sync: PersonnelSync) -> Result<Self> {
        let to_process = sync.to_look_at();
        let over = sync.ended_at.is_some();
        let behind = sync.position.as_str();
        let told = sync.told.as_ref().map(|told| &told.set);
        let pages = told.map_or(0, |set| set.bounds.len());
        let compared = told.map_or(0, |set| set.behind(behind).unwrap_or(pages));
        let percent = (compared * 100).checked_div(pages).unwrap_or(0);
        let percent = i64::try_from(if over { 100 } else { percent }).unwrap_or(100);
        let (failed, errors) =
            sync.told.as_ref().map_or((0, Vec::new()), |told| (told.failed, told.faults.clone()));
        let error = sync.refused.clone();
        let error = error.or_else(|| sync.job.error.as_ref().map(|last| last.reason.clone()));
        Ok(Self {
            sync_id: sync.id().to_owned(),
            status: sync.status(),
            started_at: to_the_second(sync.started_at),
            estimated_completion: None,
            progress_percentage: percent,
            records_to_process: to_process,
            records_processed: to_process.unwrap_or(0) * percent / 100,
            connection_id: sync.connection_id,
            start_date: sync.wanted.start_date,
            end_date: sync.wanted.end_date,
            full_sync: sync.wanted.full,
            departments: sync.wanted.departments,
            changes: sync.counts,
            records_failed: failed,
            errors,
            ticket_id: sync.ticket_id,
            decide_by: sync.decide_by.map(to_the_second),
            decision: sync.decision,
            created_by: sync.by,
            ended_at: sync.ended_at.map(to_the_second),
            error,
        })
    }
}
