//! Who does a step of whatever domain: webhooks, people, and systems behind connections.
//! What can be written is written with the step's job; a call is an effect of its own.

mod call;
mod errand;
mod file;
mod in_writing;
mod references;

use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::jobs::Failure;

pub use errand::{Errand, How, InWriting, Made};
pub use file::{Call, Notice, Webhook};
pub use references::References;

use crate::integrations::connections::client::Connectors;
use crate::messages::Emitter;
use crate::notifications::Notifier;

/// All who can do something.
pub struct Outlets {
    connectors: Connectors,
    emitter: Emitter,
    notifier: Notifier,
    clock: Clock,
}

impl Outlets {
    /// Needs the tables `messages`, `integrations` and `control`, the vault, and the queues
    /// of deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            connectors: Connectors::load(env)?,
            emitter: Emitter::load(env)?,
            notifier: Notifier::load(env)?,
            clock: env.clock(),
        })
    }
}

fn of_step(errand: &Errand<'_>, failure: Failure) -> Failure {
    Failure { reason: format!("step {}: {}", errand.name, failure.reason), ..failure }
}
