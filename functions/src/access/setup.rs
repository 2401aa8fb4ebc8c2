//! What an operator does before anybody can call, or after the last key was lost:
//! make a tenant's admin key. On AWS it is invoked by name, as IAM allows; the local
//! process does it at its first start.

use serde::{Deserialize, Serialize};
use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;

use super::ApiKey;
use super::tenants::Tenants;

/// The use case.
pub struct Setup {
    tenants: Tenants,
}

/// What can be asked for.
#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum SetupCommand {
    /// A new admin key for this tenant, which is registered if it is not.
    NewAdminKey {
        /// The tenant.
        tenant: Tenant,
    },
}

/// What is answered.
#[derive(Serialize)]
pub struct SetupAnswer {
    /// The new key; shown this once.
    pub admin_key: String,
}

impl Setup {
    /// Needs the tables `control` and `audit`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { tenants: Tenants::load(env)? })
    }

    /// Does what is asked for.
    pub async fn run(&self, command: SetupCommand) -> Result<SetupAnswer> {
        let SetupCommand::NewAdminKey { tenant } = command;
        let key = ApiKey::generate();
        self.tenants.admit(&tenant, &key).await?;
        Ok(SetupAnswer { admin_key: key.reveal().to_owned() })
    }

    /// Makes this key the tenant's first admin key, unless it ever had one, so that a key
    /// that was revoked does not come back, or the key is another tenant's.
    pub async fn admit_first(&self, tenant: &Tenant, key: &ApiKey) -> Result<()> {
        if self.tenants.has_admin(tenant).await? || self.tenants.knows(key).await? {
            return Ok(());
        }
        self.tenants.admit(tenant, key).await
    }
}
