//! Emits messages as a use case does: with a transaction of its own.

use functions::messages::Emitter;
use functions::messages::catalogue::EventType;
use serde_json::Value;
use shared::env::Env;
use shared::ids;
use shared::table::{Table, Written};
use shared::tenant::Tenant;

/// Somebody who emits.
pub struct Emitting {
    emitter: Emitter,
    messages: Table,
}

impl Emitting {
    /// In this environment.
    pub fn within(env: &Env) -> Self {
        let emitter = Emitter::load(env).expect("an emitter");
        Self { emitter, messages: env.table("MESSAGES_TABLE").expect("a table") }
    }

    /// Emits a message to a tenant; whether anybody listened.
    pub async fn emit(&self, tenant: &str, of: EventType, data: &Value) -> bool {
        let tenant = Tenant::parse(tenant).expect("a name");
        let mut emission = self.emitter.prepare(&tenant, of, data).await.expect("an emission");
        let writes = emission.take_writes();
        if writes.is_empty() {
            return false;
        }
        let written = self.messages.transact(&ids::time_ordered(), writes).await;
        assert!(matches!(written, Ok(Written::Done)), "{written:?}");
        self.emitter.announce(emission).await;
        true
    }
}
