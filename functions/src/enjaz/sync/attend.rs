//! Use case: carry a synchronisation out while its caller waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Row, Runner, Standing};
use shared::queue::{Hint, Unheard};

use super::super::means::Means;
use super::run::{SyncRun, SyncState};
use super::worker::Syncing;

/// How long a caller waits, in seconds; API Gateway gives up after 29.
const WAITS: u64 = 20;
/// How much longer a step may take that was begun in time, in seconds.
const GRACE: u64 = 5;
/// How often one is looked at that another worker took, or that has to wait.
const LOOKS: Duration = Duration::from_millis(50);

/// Carries synchronisations out while their callers wait. Cheap to clone.
#[derive(Clone)]
pub struct Attendant {
    means: Means,
    runner: Arc<Runner<Syncing>>,
    waits: Duration,
    grace: Duration,
}

impl Attendant {
    /// With these means; `ENJAZ_WAIT_SECONDS` (20) is how long a caller waits.
    pub fn load(env: &Env, means: &Means) -> Result<Self> {
        let jobs = means.lane.jobs.clone();
        let waits = env.within("ENJAZ_WAIT_SECONDS", WAITS, 0..=600)?;
        Ok(Self {
            means: means.clone(),
            // It goes from step to step by itself.
            runner: Arc::new(Runner::new(Syncing::with(means), jobs, Arc::new(Unheard))),
            waits: Duration::from_secs(waits),
            grace: Duration::from_secs(if waits == 0 { 0 } else { GRACE }),
        })
    }

    /// Carries one out for as long as a caller waits, and answers how it stands then. What is
    /// left is a worker's.
    pub async fn attend(&self, run: SyncRun) -> Result<SyncRun> {
        let (here, begun) = (self.clone(), run.clone());
        // A caller who goes away breaks nothing off, nor does one who waited long enough.
        let carried = tokio::spawn(async move { here.carry_out(begun).await });
        let Ok(carried) = tokio::time::timeout(self.waits + self.grace, carried).await else {
            self.leave(&run).await;
            return Ok(self.means.again(&run).await?.unwrap_or(run));
        };
        let run = carried.map_err(Error::internal)??;
        if run.job.open() {
            self.leave(&run).await;
        }
        Ok(run)
    }

    /// Has a worker carry one out.
    pub async fn leave(&self, run: &SyncRun) {
        self.means.lane.hint(Hint::at(run.key())).await;
    }

    async fn carry_out(&self, mut run: SyncRun) -> Result<SyncRun> {
        let until = Instant::now() + self.waits;
        while run.status() == SyncState::Running && Instant::now() < until {
            self.runner.deliver(Hint::at(run.key())).await?;
            let Some(now) = self.means.again(&run).await? else { break };
            run = now;
            let (now, most) = (self.means.clock.now_ms(), self.means.lane.jobs.policy.max_attempts);
            if let Standing::Held | Standing::Later(_) = run.job.standing(now, most) {
                tokio::time::sleep(LOOKS).await;
            }
        }
        Ok(run)
    }
}
