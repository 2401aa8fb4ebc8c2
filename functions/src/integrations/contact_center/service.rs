//! Use cases' common ground: which contact centre, its records, and the way to it.

use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;

use super::centre::Centres;
use super::client::Client;
use super::pull::Pulls;
use super::records::Records;
use crate::integrations::connections::Connection;
use crate::integrations::connections::client::Connectors;
use crate::messages::Emitter;

/// The use cases of contact centres. Cheap to clone.
#[derive(Clone)]
pub struct ContactCenter {
    pub(super) centres: Centres,
    pub(super) records: Records,
    pub(super) connectors: Connectors,
    pub(super) emitter: Emitter,
    pub(super) trail: Trail,
    pub(super) pulls: Pulls,
    pub(super) clock: Clock,
}

impl ContactCenter {
    /// Needs the table `workforce` and its queue, and what connections and messages need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            centres: Centres::load(env)?,
            records: Records::load(env)?,
            connectors: Connectors::load(env)?,
            emitter: Emitter::load(env)?,
            trail: Trail::load(env)?,
            pulls: Pulls::load(env)?,
            clock: env.clock(),
        })
    }

    /// The way to the contact centre behind a connection.
    pub(super) async fn client(&self, tenant: &Tenant, to: &Connection) -> Result<Client> {
        Client::open(&self.connectors, tenant, to).await
    }
}
