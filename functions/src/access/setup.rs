//! What an operator does before anybody can call: make a tenant's first key, and
//! tell who sends events. On AWS it is invoked by name, as IAM allows; the local
//! process does it at its first start.

use serde::{Deserialize, Serialize};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::tenant::Tenant;

use super::permission::Role;
use super::store::Credentials;
use super::{ApiKey, SenderCredential};

/// The use case.
pub struct Setup {
    credentials: Credentials,
    clock: Clock,
}

/// What can be asked for.
#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum SetupCommand {
    /// A new admin key for this tenant.
    NewAdminKey {
        /// The tenant.
        tenant: Tenant,
    },
    /// A sender of events for this tenant, replacing the credential if it is known.
    AddSender {
        /// The tenant.
        tenant: Tenant,
        /// What the sender is called in the records.
        source: String,
        /// How it proves who it is.
        credential: SenderCredential,
    },
}

/// What is answered.
#[derive(Debug, Serialize)]
pub struct SetupAnswer {
    /// The new key; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_key: Option<String>,
}

impl Setup {
    /// Needs the table `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let credentials = Credentials(env.table("CONTROL_TABLE")?);
        Ok(Self { credentials, clock: env.clock() })
    }

    /// Does what is asked for.
    pub async fn run(&self, command: SetupCommand) -> Result<SetupAnswer> {
        match command {
            SetupCommand::NewAdminKey { tenant } => {
                let key = ApiKey::generate();
                self.admit_admin(&tenant, &key).await?;
                Ok(SetupAnswer { admin_key: Some(key.reveal().to_owned()) })
            }
            SetupCommand::AddSender { tenant, source, credential } => {
                let now = self.clock.now_ms();
                self.credentials.add_sender(&tenant, &source, &credential, now).await?;
                Ok(SetupAnswer { admin_key: None })
            }
        }
    }

    /// Makes this key an admin's.
    pub async fn admit_admin(&self, tenant: &Tenant, key: &ApiKey) -> Result<()> {
        self.credentials.add_key(tenant, key, Role::Admin, self.clock.now_ms()).await
    }
}
