//! Whether those whom a file of rules names are there.

use shared::env::Env;
use shared::error::{Kind, Result};
use shared::table::{Key, Read, Table};
use shared::tenant::Tenant;

use super::file::{Call, Notice, Webhook};
use crate::integrations::connections::find_connection;
use crate::integrations::webhooks::endpoint_key;
use crate::notifications::Notifier;
use crate::rule_book::wrong;

/// Looks for them. What is not there is `Invalid`, naming `rules` and the place.
#[derive(Clone)]
pub struct References {
    messages: Table,
    integrations: Table,
    notifier: Notifier,
}

impl References {
    /// Needs the tables `messages` and `integrations`, and the queue of notices.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            messages: env.table("MESSAGES_TABLE")?,
            integrations: env.table("INTEGRATIONS_TABLE")?,
            notifier: Notifier::load(env)?,
        })
    }

    /// That a webhook is there.
    pub async fn webhook(&self, tenant: &Tenant, place: &str, webhook: &Webhook) -> Result<()> {
        let key = endpoint_key(tenant, &webhook.id);
        let found: Option<Key> = self.messages.get(&key, Read::Consistent).await?;
        found.map(drop).ok_or_else(|| wrong(place, "webhook: names no webhook"))
    }

    /// That a target of notifications is there and active.
    pub async fn notice(&self, tenant: &Tenant, place: &str, notice: &Notice) -> Result<()> {
        let found = self.notifier.check(tenant, &notice.target).await;
        named(found, place, "notify: names no target of notifications that is active")
    }

    /// That the connection of a call is there.
    pub async fn call(&self, tenant: &Tenant, place: &str, call: &Call) -> Result<()> {
        self.connection(tenant, place, &call.connection).await
    }

    /// That the connection of this id is there.
    pub async fn connection(&self, tenant: &Tenant, place: &str, id: &str) -> Result<()> {
        let found = find_connection(&self.integrations, tenant, id).await;
        named(found.map(drop), place, "connection: names no connection")
    }
}

fn named(found: Result<()>, place: &str, problem: &str) -> Result<()> {
    found.map_err(|error| match error.kind {
        Kind::NotFound | Kind::Invalid => wrong(place, problem),
        _ => error,
    })
}
