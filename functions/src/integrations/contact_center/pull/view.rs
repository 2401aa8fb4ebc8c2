//! Pulls as they are shown.

use serde::Serialize;
use shared::error::Result;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::job::{Pull, PullStatus};
use super::kind::PullKind;
use super::marks::Marks;
use super::settings::Settings;
use crate::integrations::connections::{Connection, ConnectionStatus};
use crate::integrations::timetable::{is_scheduled, next_due};

/// A pull.
#[derive(Debug, Serialize, ToSchema)]
pub struct PullView {
    /// Also the id of its sync log.
    #[schema(format = "uuid")]
    sync_id: String,
    status: PullStatus,
    #[schema(format = DateTime)]
    started_at: String,
    /// Always null: how long a contact centre takes is not known.
    estimated_completion: Option<String>,
    #[schema(format = "uuid")]
    connection_id: String,
    /// The period that somebody asked for.
    #[schema(format = DateTime)]
    start_date: Option<String>,
    #[schema(format = DateTime)]
    end_date: Option<String>,
    records_processed: i64,
    kinds: Vec<PulledKind>,
    created_by: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Why some kinds did not go on, or why the last attempt failed.
    error: Option<String>,
}

/// What came of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct PulledKind {
    kind: PullKind,
    /// Records that were told and kept, those that were known already among them.
    records: i64,
    /// Why it did not go on.
    error: Option<String>,
}

/// How far a connection is pulled.
#[derive(Debug, Serialize, ToSchema)]
pub struct PullState {
    #[schema(format = "uuid")]
    connection_id: String,
    /// Whether it is pulled every `sync_interval` seconds.
    scheduled: bool,
    sync_interval: u32,
    /// When the next pull is due, if it is scheduled and the connection in use.
    #[schema(format = DateTime)]
    next_due: Option<String>,
    /// The pull that is under way.
    #[schema(format = "uuid")]
    running: Option<String>,
    watermarks: Vec<WatermarkView>,
    /// The last pull that began.
    last: Option<PullView>,
}

/// Until when a kind is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatermarkView {
    kind: PullKind,
    /// Whether the settings have it pulled.
    wanted: bool,
    /// None before the first pull of it.
    #[schema(format = DateTime)]
    until: Option<String>,
}

impl PullView {
    /// Shows a pull.
    pub(super) fn of(pull: Pull) -> Self {
        let kind = |kind: &PullKind| {
            let came = pull.came.get(kind).cloned().unwrap_or_default();
            PulledKind { kind: *kind, records: came.records, error: came.error }
        };
        let last = pull.job.error.as_ref().map(|last| last.reason.clone());
        Self {
            sync_id: pull.id().to_owned(),
            status: pull.status(),
            started_at: to_the_second(pull.started_at),
            estimated_completion: None,
            start_date: pull.period.start.map(to_the_second),
            end_date: pull.period.end.map(to_the_second),
            records_processed: pull.records().processed,
            kinds: pull.kinds.iter().map(kind).collect(),
            error: last.or_else(|| pull.error()),
            ended_at: pull.ended_at.map(to_the_second),
            connection_id: pull.connection_id,
            created_by: pull.by,
        }
    }
}

impl PullState {
    /// Shows how far a connection is at `now`.
    pub(super) fn of(
        connection: &Connection,
        marks: &Marks,
        last: Option<Pull>,
        now: i64,
    ) -> Result<Self> {
        let config = connection.config()?;
        let (settings, scheduled) = (Settings::of(&config)?, is_scheduled(&config)?);
        let is_used = connection.status == ConnectionStatus::Active;
        let due = next_due(&config, marks.started_at, now);
        let watermark = |kind: PullKind| WatermarkView {
            kind,
            wanted: settings.kinds.contains(&kind),
            until: marks.watermarks.get(&kind).copied().map(to_the_second),
        };
        Ok(Self {
            connection_id: connection.id.clone(),
            scheduled,
            sync_interval: config.sync_interval,
            next_due: (scheduled && is_used).then(|| to_the_second(due)),
            running: marks.running.clone(),
            watermarks: PullKind::ALL.map(watermark).into(),
            last: last.map(PullView::of),
        })
    }
}
