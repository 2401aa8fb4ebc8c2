//! What runs on a schedule for all domains: the sweep over every lane of jobs.

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Errand, Lane, release_abandoned, sweep};

use crate::integrations::{self, webhooks};
use crate::{enjaz, notifications, pega, processes, support};

/// The use case.
pub struct Sweeper {
    lanes: Vec<(&'static str, Lane)>,
}

impl Sweeper {
    /// Needs every lane's table and queue.
    pub fn load(env: &Env) -> Result<Self> {
        let lanes = vec![
            ("pega", pega::lane(env)?),
            ("webhooks", webhooks::lane(env)?),
            ("notifications", notifications::lane(env)?),
            ("runs", processes::lane(env)?),
            ("tickets", support::lane(env)?),
            ("timers", support::timers_lane(env)?),
            ("workforce", integrations::lane(env)?),
            ("enjaz", enjaz::lane(env)?),
        ];
        Ok(Self { lanes })
    }

    /// Sends hints for whatever is due. A lane that fails does not keep the others
    /// from being swept.
    pub async fn tick(&self) -> Result<()> {
        let mut failed = None;
        for (name, lane) in &self.lanes {
            match sweep(lane).await {
                Ok(swept) => {
                    tracing::info!(
                        lane = name,
                        hints = swept.hints,
                        oldest_ms = swept.oldest_ms,
                        "swept"
                    );
                }
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// Takes up what an earlier process of a local installation left under way: its
/// leases are lifted and everything open is hinted at. Only for a process that
/// knows that it is alone. Answers how much was open.
pub async fn resume(env: &Env) -> Result<usize> {
    let events = release_abandoned::<pega::LaneRow>(&pega::lane(env)?).await?;
    let messages = release_abandoned::<Errand>(&webhooks::lane(env)?).await?;
    let notices = notifications::lane(env)?;
    let notices = release_abandoned::<notifications::Notice>(&notices).await?;
    let runs = release_abandoned::<Errand>(&processes::lane(env)?).await?;
    let tickets = release_abandoned::<Errand>(&support::lane(env)?).await?;
    let timers = release_abandoned::<Errand>(&support::timers_lane(env)?).await?;
    let workforce = release_abandoned::<Errand>(&integrations::lane(env)?).await?;
    let enjaz = release_abandoned::<Errand>(&enjaz::lane(env)?).await?;
    let tickets = tickets.hints + timers.hints + workforce.hints + enjaz.hints;
    Ok(events.hints + messages.hints + notices.hints + runs.hints + tickets)
}
