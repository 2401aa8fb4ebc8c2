//! Routes of Enjaz. Everything is answered in the envelope that the older service has, and
//! everybody is told of what is theirs alone.

mod accounts;
mod cases;
mod envelope;
mod portal;
mod syncs;
mod view;

use std::sync::Arc;

use shared::env::Env;
use shared::error::Result;
use shared::jobs::Runner;
use shared::web::Routes;

use super::means::Means;
use super::removal::Removing;
use super::sync::Attendant;

/// Where they are.
const BASE: &str = "/api/v1/enjaz";

/// The use cases of Enjaz. Cheap to clone.
#[derive(Clone)]
pub struct Enjaz {
    means: Means,
    attendant: Attendant,
    removing: Arc<Runner<Removing>>,
}

impl Enjaz {
    /// Needs the table `enjaz` and its queue, the vault, the audit trail, and what messages
    /// need.
    pub fn load(env: &Env) -> Result<Self> {
        let means = Means::load(env)?;
        let (jobs, queue) = (means.lane.jobs.clone(), means.lane.queue.clone());
        let removing = Runner::new(Removing::with(&means), jobs, queue);
        Ok(Self { attendant: Attendant::load(env, &means)?, removing: Arc::new(removing), means })
    }
}

/// `/api/v1/enjaz/…`.
pub fn routes() -> Routes<Enjaz> {
    accounts::routes()
        .and(syncs::routes())
        .and(cases::routes())
        .and(portal::routes())
        .refusing_as(envelope::refused)
}
