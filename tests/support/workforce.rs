//! Processes of workforce data whose calls of the database suffer faults.

use std::sync::Arc;

use functions::integrations;
use shared::env::Env;

use super::{Faults, Nowhere, World, faulty};

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

    /// Works through what is due of workforce data with such a process, and with others when
    /// its leases are over.
    pub async fn workforce_of(&self, env: &Env) {
        let worker = integrations::worker(env).expect("a worker");
        loop {
            let hints = self.workforce.take();
            if hints.is_empty() {
                break;
            }
            for hint in hints {
                // Nobody learns how it ends.
                let _ = worker.deliver(hint).await;
            }
        }
        for _ in 0..4 {
            self.wait(600);
            self.workforce().await;
        }
    }
}
