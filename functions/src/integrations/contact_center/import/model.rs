//! The model: an import's row, which is also that of its job.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row, State};
use shared::table::Key;
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::super::records::DataKind;
use crate::integrations::connections::SyncLog;

/// What the partitions of imports are called.
pub const IMPORT: &str = "CC-IMPORTS";
/// How long an import is remembered, in seconds: ninety days.
pub const KEPT: i64 = 90 * 24 * 3600;

/// An import's row in the table `workforce`. Nobody changes it but its job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    pub pk: String,
    /// Its id, which is that of its sync log.
    pub sk: String,
    pub connection_id: String,
    pub log: SyncLog,
    pub options: ImportOptions,
    /// Who asked for it, and under which correlation id.
    pub by: String,
    pub corr: String,
    /// Records that were sent, and the parts that those are in which can be read.
    pub total: i64,
    pub parts: usize,
    pub stage: Stage,
    /// The part that comes next in this stage.
    #[serde(default)]
    pub next: usize,
    /// Records that are kept.
    #[serde(default)]
    pub successful: i64,
    /// Records that will not be.
    #[serde(default)]
    pub failed: i64,
    /// Whether none is imported because not all can be.
    #[serde(default)]
    pub rejected: bool,
    pub started_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    pub expires_at: i64,
    #[serde(flatten)]
    pub job: Job,
}

/// How records are to be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// What they are.
    pub data_type: DataKind,
    /// Whether all are to be imported or none.
    pub whole: bool,
    /// Whether records take the place of others with their natural keys.
    pub update_existing: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It looks whether all can be imported.
    Check,
    /// It imports.
    Apply,
    /// It clears away what was sent.
    Clear,
}

/// How an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// It is under way.
    Started,
    /// Every record is imported, or told of among the errors.
    Completed,
    /// All or none were to be imported, and some cannot be. None is.
    Rejected,
    /// It could not go on. What it imported is counted.
    Failed,
}

impl Row for Import {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Import {
    pub fn id(&self) -> &str {
        &self.sk
    }

    /// Whose it is.
    pub fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("an import outside every tenant"))
    }

    /// Whoever asked for it, in what it does for them.
    pub fn caller(&self) -> Result<Caller> {
        let (actor, corr) = (self.by.clone(), self.corr.clone());
        Ok(Caller { actor, corr, ..Caller::system(&self.tenant()?) })
    }

    /// How it stands.
    pub fn status(&self) -> ImportStatus {
        match (self.job.state, self.stage) {
            (_, Stage::Clear) if self.rejected => ImportStatus::Rejected,
            (_, Stage::Clear) => ImportStatus::Completed,
            (State::Failed, _) => ImportStatus::Failed,
            _ => ImportStatus::Started,
        }
    }

    /// Whether its counts will not change any more.
    pub fn is_over(&self) -> bool {
        self.status() != ImportStatus::Started
    }
}

/// Where a tenant's imports are.
pub fn imports(tenant: &Tenant) -> String {
    tenant.pk(IMPORT, "")
}
