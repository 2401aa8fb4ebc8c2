//! Whether Pega answers: asked of Pega itself, at most twice a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;
use shared::turns::Turns;
use utoipa::ToSchema;

use crate::pega::client::{Environments, Probed};

/// How long an answer is told again, in milliseconds.
const KEPT: i64 = 30_000;

/// How Pega is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PegaConnection {
    /// It answers, and takes our credentials.
    Connected,
    /// It does not answer, or refuses them.
    Disconnected,
    /// There is none.
    NotConfigured,
}

/// Asks, and remembers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Probe {
    pegas: Environments,
    clock: Clock,
    turns: Turns,
    kept: Arc<Mutex<HashMap<Tenant, (i64, PegaConnection)>>>,
}

impl Probe {
    pub fn load(env: &Env) -> Result<Self> {
        let (pegas, clock) = (Environments::load(env)?, env.clock());
        Ok(Self { pegas, clock, turns: Turns::default(), kept: Arc::default() })
    }

    /// How the tenant's Pega is. Who asks while it is being found out waits for that.
    pub async fn look(&self, tenant: &Tenant) -> PegaConnection {
        let _turn = self.turns.take(tenant.as_str()).await;
        let now = self.clock.now_ms();
        if let Some(found) = self.known(tenant, now) {
            return found;
        }
        let found = match self.pegas.probe(tenant).await {
            Ok(Probed::Connected) => PegaConnection::Connected,
            Ok(Probed::Refused | Probed::Unreachable) => PegaConnection::Disconnected,
            Ok(Probed::NotConfigured) => PegaConnection::NotConfigured,
            Err(error) => {
                tracing::error!(%error, "it cannot be found out how Pega is");
                PegaConnection::Disconnected
            }
        };
        self.kept().insert(tenant.clone(), (now, found));
        found
    }

    fn known(&self, tenant: &Tenant, now: i64) -> Option<PegaConnection> {
        let mut kept = self.kept();
        kept.retain(|_, (at, _)| now - *at < KEPT);
        kept.get(tenant).map(|(_, found)| *found)
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Tenant, (i64, PegaConnection)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
