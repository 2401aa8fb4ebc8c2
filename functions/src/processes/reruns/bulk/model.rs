//! The model: a bulk rerun's row, which is also that of its job.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Row};
use shared::table::Key;
use shared::tenant::Tenant;
use shared::web::Caller;

use super::select::Selection;
use crate::bulk::{Chunk, Progress};

/// What the partition of bulk reruns is called.
pub const BULK: &str = "BULKRERUNS";

/// A bulk rerun's row in the table `runs`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BulkRerun {
    pub(super) pk: String,
    /// Its id.
    pub(super) sk: String,
    /// What is looked for, as JSON.
    pub(super) selection: String,
    pub(super) reason: String,
    /// Who asked for it, and under which correlation id.
    pub(super) by: String,
    pub(super) corr: String,
    /// Failures a second.
    pub(super) pace: u32,
    #[serde(flatten)]
    pub(super) progress: Progress,
    pub(super) created_at: i64,
    #[serde(flatten)]
    pub(super) job: Job,
}

impl Row for BulkRerun {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl BulkRerun {
    /// Its id.
    pub(super) fn id(&self) -> &str {
        &self.sk
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a bulk rerun outside every tenant"))
    }

    /// Whoever asked for it, in what it does for them.
    pub(super) fn caller(&self) -> Result<Caller> {
        let (actor, corr) = (self.by.clone(), self.corr.clone());
        Ok(Caller { actor, corr, ..Caller::system(&self.tenant()?) })
    }

    /// What is looked for.
    pub(super) fn selection(&self) -> Result<Selection> {
        serde_json::from_str(&self.selection).map_err(Error::internal)
    }
}

/// Where a bulk rerun is.
pub(super) fn bulk_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: tenant.pk(BULK, ""), sk: id.to_owned() }
}

/// Where a part of what it found is.
pub(super) fn chunk_key(tenant: &Tenant, bulk: &str, number: i64) -> Key {
    Key { pk: tenant.pk("BULKRERUN", bulk), sk: Chunk::sk(number) }
}
