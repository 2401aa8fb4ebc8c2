//! Where requests are kept, and what all their use cases share.

use std::sync::Arc;

use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Jobs, Lane, Runner};
use shared::sequence::Sequence;
use shared::table::{Read, Table};
use shared::tenant::Tenant;

use super::super::client::Environments;
use super::super::event::events_table;
use super::super::lane::lane;
use super::list::RequestLog;
use super::model::{PegaRequest, at_once, request_key};
use super::worker::{Performer, attendant};

/// The use cases of requests. Cheap to clone.
#[derive(Clone)]
pub struct PegaRequests {
    pub(super) table: Table,
    pub(super) control: Table,
    pub(super) ids: Sequence,
    pub(super) trail: Trail,
    pub(super) log: RequestLog,
    pub(super) pegas: Environments,
    /// Of those that wait for nobody.
    pub(super) lane: Lane,
    /// Of those whose callers wait.
    pub(super) jobs: Jobs,
    pub(super) attendant: Arc<Runner<Performer>>,
    pub(super) clock: Clock,
}

impl PegaRequests {
    /// Needs the tables `events`, `control`, `audit` and `integrations`, the queue of
    /// events, the vault, and Pega's credentials.
    pub fn load(env: &Env) -> Result<Self> {
        let (control, pegas) = (env.table("CONTROL_TABLE")?, Environments::load(env)?);
        Ok(Self {
            log: RequestLog { table: events_table(env)? },
            table: events_table(env)?,
            ids: Sequence::new(control.clone(), "pega-request"),
            control,
            trail: Trail::load(env)?,
            lane: lane(env)?,
            jobs: at_once(env)?,
            attendant: Arc::new(attendant(env, pegas.clone())?),
            pegas,
            clock: env.clock(),
        })
    }

    /// One request.
    ///
    /// # Errors
    /// `NotFound`, for another tenant's as well.
    pub(super) async fn find(&self, tenant: &Tenant, id: i64) -> Result<PegaRequest> {
        let row = self.table.get(&request_key(tenant, id), Read::Consistent).await?;
        row.ok_or_else(|| Error::not_found("Request not found"))
    }
}
