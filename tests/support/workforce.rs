//! Processes of workforce data whose calls of the database suffer faults.

use std::sync::Arc;

use functions::integrations;
use futures_util::future::join_all;
use shared::env::Env;

use super::{Faults, Nowhere, World, faulty};

/// Worlds that are tried side by side.
const AT_ONCE: usize = 10;

/// Tries something with a process that dies after no call of the database, after one, and so
/// on, until one lives to the end; it tells whether it died, and what else there is to tell.
pub async fn dying_anywhere<T>(with_a_death: impl AsyncFn(usize) -> (bool, T)) -> Vec<T> {
    let (mut calls, mut told) = (0, Vec::new());
    loop {
        let deaths = join_all((calls..calls + AT_ONCE).map(|calls| with_a_death(calls))).await;
        calls += AT_ONCE;
        let over = deaths.iter().any(|(died, _)| !died);
        let died = deaths.iter().filter(|(died, _)| *died).count();
        told.extend(deaths.into_iter().map(|(_, told)| told));
        if over {
            assert!(calls > AT_ONCE || died > AT_ONCE / 2, "it takes some calls");
            return told;
        }
    }
}

impl World {
    /// What processes of workforce data have whose calls of the database suffer faults. None
    /// of them waits for what it began.
    pub fn workforce_amid(&self, faults: &Faults) -> Env {
        let mut vars = self.vars();
        vars.insert("IMPORT_WAIT_SECONDS".to_owned(), "0".to_owned());
        let env = Env::new(vars, faulty(&self.database, faults));
        let env = env.with_clock(self.clock.clone()).with_vault(self.vault());
        let env = env.with_queue("WORKFORCE_QUEUE_URL", self.workforce.clone());
        env.with_private_targets().with_other_queues(Arc::new(Nowhere))
    }

    /// Works through what is due of workforce data with such a process. Nobody learns how it
    /// ends.
    pub async fn workforce_of(&self, env: &Env) {
        let worker = integrations::worker(env).expect("a worker");
        loop {
            let hints = self.workforce.take();
            if hints.is_empty() {
                break;
            }
            for hint in hints {
                let _ = worker.deliver(hint).await;
            }
        }
    }

    /// Works through what is due of workforce data whenever leases are over.
    pub async fn workforce_recovers(&self) {
        for _ in 0..4 {
            self.wait(600);
            self.workforce().await;
        }
    }
}
